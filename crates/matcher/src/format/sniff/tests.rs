//! What feeds are told for from their beginnings.

use super::sniff;
use crate::format::Format;
use crate::format::csv::{Column, Csv};

#[test]
fn formats_are_told_from_the_beginning() {
    let names = |csv: &Csv| csv.header.iter().map(Column::name).collect::<Vec<_>>().join(" ");
    for (head, format, separator, header) in [
        ("192.0.2.1\n192.0.2.2\n", Format::List, 0, ""),
        ("# a\n192.0.2.0/24 ; SBL1\n198.51.100.0/24 ; SBL2\n", Format::List, 0, ""),
        ("; a list; of a\n; b\n192.0.2.0/24 ; SBL1\n198.51.100.0/24 ; SBL2\n", Format::List, 0, ""),
        ("192.0.2.0 - 192.0.2.9\n192.0.2.20 - 192.0.2.29\n", Format::List, 0, ""),
        ("a,b,c,d,e\n1,2,3,4,5\n1,2,3,4,5\n1,2,3\n", Format::Csv, b',', "a b c d e"),
        ("we saw,b,c,d,e\n1 x,2,3,4,5\n1 x,2,3,4,5\n1 x,2,3\n", Format::Text, 0, ""),
        ("0.0.0.0 a.example\n0.0.0.0 b.example\n", Format::Hosts, 0, ""),
        ("ip,host,note\n192.0.2.1,a.example,\"x,\ny\"\n", Format::Csv, b',', "ip host note"),
        ("192.0.2.1,1,2\n192.0.2.2,1,2\n", Format::Csv, b',', ""),
        ("#\n# id,url\n#\n\"1\",\"http://a.example/\"\n\"2\",\"x\"\n", Format::Csv, b',', "id url"),
        ("sep=;\r\nIP;Host\r\n192.0.2.1;a.example\r\n", Format::Csv, b';', "IP Host"),
        ("192.0.2.1\t3\n192.0.2.2\t4\n", Format::Tsv, b'\t', ""),
        ("\"a\", \"b,c\"\n\"d\", \"e\"\n", Format::Csv, b',', "a b,c"),
        ("{\"a\":1}\n{\"a\":2}\n", Format::Ndjson, 0, ""),
        ("{\n \"a\": 1\n}\n", Format::Json, 0, ""),
        ("[{\"a\":1},\n{\"a\":2}]\n", Format::Json, 0, ""),
        ("{\"a\":[{\"b\":1},{\"b\":2}]}\n", Format::Json, 0, ""),
        ("{\"a\":1,\"long\":\"string\",\"b\":[1]}\n", Format::Ndjson, 0, ""),
        ("{\"a\":1}\n{\"a\":[{\"b\":1},{\"b\":2}]}\n", Format::Ndjson, 0, ""),
        ("# x\n0.0.0.0 a.example\n127.0.0.1\tb.example # y\n", Format::Hosts, 0, ""),
        ("192.0.2.1 a.example\n192.0.2.2 b.example\n", Format::Text, 0, ""),
        ("! Title: x\na.example\nb.example/x\n", Format::Adblock, 0, ""),
        ("||a.example^\n@@||b.example^\nc.example##.x\n", Format::Adblock, 0, ""),
        ("a.example CNAME .\nb.example 300 IN CNAME *.\n", Format::Rpz, 0, ""),
        (
            "$TTL 30\n@ IN SOA a. b. 1 2 3 4 5\n NS c.\n\na.example CNAME .\nb.example CNAME rpz-drop.\nc.example CNAME .\nd.example CNAME .\n",
            Format::Rpz,
            0,
            "",
        ),
        (":127.0.0.2:x\na.example\n.b.example\n!c.example\n", Format::Rbldnsd, 0, ""),
        (".a.example\n.b.example\n", Format::List, 0, ""),
        ("a:192.0.2.0-192.0.2.9\nb c:192.0.2.20-192.0.2.29\n", Format::P2p, 0, ""),
        (
            "192.000.002.000 - 192.000.002.009 , 000 , a\n192.000.002.020 - 192.000.002.029 , 000 , b\n",
            Format::P2p,
            0,
            "",
        ),
        ("www IN A 192.0.2.1\nmail IN A 192.0.2.2\n", Format::Text, 0, ""),
        (
            "#fields\tindicator\tmeta.source\na.example\tx\n",
            Format::Zeek,
            b'\t',
            "indicator meta.source",
        ),
        (
            "#separator \\x09\n#path\tconn\n#fields\tts\tip\n1\t192.0.2.1\n",
            Format::Zeek,
            b'\t',
            "ts ip",
        ),
        ("alert dns any any -> any any (content:\"a.example\"; sid:1;)\n", Format::Suricata, 0, ""),
        (
            "alert tcp any any -> any any \\\n\t(msg:\"a\"; \\\n\tsid:1;)\n\nalert udp any any <> any any \\\n\t(sid:2;)\n",
            Format::Suricata,
            0,
            "",
        ),
        ("# x\npass ip 192.0.2.1 any -> any any (sid:1;)\n", Format::Suricata, 0, ""),
        ("192.0.2.1,3,7\n192.0.2.2,1,5\n", Format::Csv, b',', ""),
        ("a@a.example:x\nb@b.example:y\n", Format::Credentials, 0, ""),
        ("a@a.example;x\nb@b.example|y\nc@c.example:z\n", Format::Credentials, 0, ""),
        ("https://a.example/x:a@b.example:y\nb.example:8443/:jan:z\n", Format::Credentials, 0, ""),
        (
            "====\nURL: https://a.example/\nUsername: x\nPassword: y\n====\n",
            Format::Credentials,
            0,
            "",
        ),
        ("email,password\na@a.example,x\nb@b.example,y\n", Format::Csv, b',', "email password"),
        ("a@a.example,192.0.2.1\nb@b.example,192.0.2.2\n", Format::Csv, b',', ""),
        ("a@a.example\nb@b.example\n", Format::List, 0, ""),
        ("http://a.example/x\nhttp://b.example:8080/y\n", Format::List, 0, ""),
        ("http://192.0.2.1:8080\n192.0.2.2:443\n", Format::List, 0, ""),
        ("Host: a.example\nUser-Agent: x\nCookie: y\n", Format::Text, 0, ""),
        ("add b 192.0.2.0/24 timeout 1\nadd b 192.0.2.1\n", Format::List, 0, ""),
        ("# x\nipset add b 192.0.2.1\nipset add b 192.0.2.2\n", Format::List, 0, ""),
        (
            "table inet f {\n set b { type ipv4_addr;\n elements = { 192.0.2.0/28, 192.0.2.64/28,\n 192.0.2.32/28, 192.0.2.96/28,\n 192.0.2.16/28, 192.0.2.112/28 }\n }\n}\n",
            Format::List,
            0,
            "",
        ),
        (
            "msFilterList\n# x\n: Expires=1\n-d a.example\n-d b.example /x\n+d c.example\n",
            Format::List,
            0,
            "",
        ),
        ("/ip firewall address-list add address=192.0.2.1 comment=\"x\"\n", Format::List, 0, ""),
        ("deny 192.0.2.1;\nallow 192.0.2.2;\ndeny all;\n", Format::List, 0, ""),
        (
            "192.0.2.1 - - [22/Nov/2026:01:02:03 +0000] \"GET / HTTP/1.1\" 200 1\n192.0.2.2 - - [22/Nov/2026:01:02:03 +0000] \"GET / HTTP/1.1\" 200 1\n",
            Format::Text,
            0,
            "",
        ),
        (
            "Nov 22 01:02:03 a.example postfix/smtp[1]: to=<b@c.example>, relay=x\nNov 22 01:02:04 a.example postfix/qmgr[1]: removed\n",
            Format::Text,
            0,
            "",
        ),
        ("a|b|c\nd|e|f\n", Format::Csv, b'|', "a b c"),
        ("# x\n64496 | NAME  | 192.0.2.1 | 2026-11-22 01:02:03 | x\n", Format::Csv, b'|', ""),
        ("a.example,some words,2026-11-22,http://b.example/\n", Format::Csv, b',', ""),
        ("We saw a.example, b.example, c.example\n", Format::Text, 0, ""),
        ("a.example and so,b,c\n", Format::Text, 0, ""),
        ("# Host,Path\na.example,/x/\n", Format::Csv, b',', "Host Path"),
        (" \ta.example \t \n \tb.example \t \n", Format::List, 0, ""),
        (
            ":toc:\n\n= A report\n\na.example\nb.example\nc.example\nd.example\n",
            Format::Text,
            0,
            "",
        ),
        ("- a.example\n- b.example\n", Format::Text, 0, ""),
        ("<?xml version=\"1.0\"?>\n<a>\n<b/>\n</a>\n", Format::Text, 0, ""),
        ("address=/a.example/0.0.0.0\nserver=/b.example/\n", Format::Dnsmasq, 0, ""),
        (
            "server:\nlocal-zone: \"a.example\" static\nlocal-zone: \"b.example\" static\n",
            Format::Unbound,
            0,
            "",
        ),
        ("// x\nzone \"a.example\" {\n type master;\n file \"x\";\n};\n", Format::Bind, 0, ""),
        ("", Format::Text, 0, ""),
        ("We saw a.example, and\nthen, later, b.example at\n192.0.2.1.\n", Format::Text, 0, ""),
    ] {
        let dialect = sniff(head.as_bytes(), Format::Auto).expect("readable");
        assert_eq!(dialect.format, format, "{head:?}: {}", dialect.why);
        let csv = dialect.csv.as_ref();
        assert_eq!(csv.map_or(0, |csv| csv.separator), separator, "{head:?}");
        assert_eq!(csv.map_or(String::new(), names), header, "{head:?}");
    }
    // A quoted line end, and then a quote that nothing closes: the first line is a record.
    let unclosed = sniff(b"# a,b,password\nsep=,\n\"\n\",\"a,192.0.2.5", Format::Csv);
    assert_eq!(unclosed.map(|d| d.csv.as_ref().map(names)), Ok(Some("\"".to_owned())));
    assert!(sniff(b"<!DOCTYPE HTML><p>403", Format::Auto).is_err());
    assert!(sniff(b"<!DOCTYPE HTML><p>403", Format::Text).is_ok());
    assert!(sniff(b"PK\x03\x04", Format::Text).is_err());
    assert_eq!(sniff(b"a.example\rb.example", Format::Auto).map(|d| d.eol), Ok(b'\r'));
}
