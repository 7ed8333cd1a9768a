//! Every test that looks at feedsieve from outside.

mod oracle;
