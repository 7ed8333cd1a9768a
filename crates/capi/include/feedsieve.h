// feedsieve: which of thousands of participants does a feed concern, and in which record?
//
// The smallest program is in examples/scan.c, and README.md explains it. What is true of all functions:
//
// Handles. What *_new, *_open, *_compile, *_share and scans give is closed by the *_close of its type,
// which takes the address of the handle and sets the handle to NULL, so that closing twice does nothing.
// Nothing is closed by closing something else. NULL is allowed wherever a handle is, and is
// FEEDSIEVE_ARGUMENT or what the function says.
//
// Errors. A function that can fail takes the address of a pointer to an error as its last argument, or
// NULL. It sets the pointer: to NULL where all went well, else to an error that feedsieve_error_close
// frees. What the pointer held before is not looked at.
//
// Texts. A `const char *` without a length ends in a NUL. Texts are UTF-8, paths are what the system has.
// What comes out has a length and no NUL at its end, and is valid as long as the function or callback that
// gives it says. All bytes are possible in it, NUL and what steers a terminal among them; in JSON
// they are escaped.
//
// Threads. Any number of threads may use one image or one scanner at once, as long as none closes it or
// sets it. Errors, accounts and inventories are for one thread at a time. A scanner of several threads keeps
// them between scans; they do not follow into a child of fork, which has to make a scanner of its own.
//
// Callbacks are called by the thread that called, and return to it: no exception and no longjmp may leave
// them. They may call whatever does not concern the call that they are called by: its scanner, image and
// inventory are neither closed, set nor added to, and its error and account are not looked at until it
// has returned. Scans and lookups with the same image or scanner are allowed.
//
// Faults. Nothing that stands in a feed, an inventory or an image ends the process. Nothing is printed.
// A mistake in this library is FEEDSIEVE_INTERNAL, or NULL where a function gives a handle.
//
// This file is written by `cargo xtask header`.


#ifndef FEEDSIEVE_H
#define FEEDSIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a function came to.
typedef enum {
  // All went well.
  FEEDSIEVE_OK = 0,
  // An argument is NULL that must not be, is not UTF-8, or is none of the words that are known.
  FEEDSIEVE_ARGUMENT = 1,
  // A file cannot be opened, read or written.
  FEEDSIEVE_IO = 2,
  // An inventory or an allow list is none, or has rows that nobody allowed to be left out.
  FEEDSIEVE_INVENTORY = 3,
  // An inventory cannot be compiled: a limit is exceeded, or it was made to be slow.
  FEEDSIEVE_COMPILE = 4,
  // A file or bytes are no image that this version reads.
  FEEDSIEVE_IMAGE = 5,
  // A text is no address, prefix, range, name or mail address.
  FEEDSIEVE_INDICATOR = 6,
  // A feed does not have a field that was asked for, or it is one of secrets.
  FEEDSIEVE_FIELD = 7,
  // A feed was not read to its end. What was read has been scanned: hits were told, and the account
  // is there.
  FEEDSIEVE_INCOMPLETE = 8,
  // A mistake in this library. Handles that were passed can still be closed, and nothing else.
  FEEDSIEVE_INTERNAL = 9,
} feedsieve_code;

// What became of each feed that was scanned: one, or the members of an archive.
typedef struct feedsieve_account feedsieve_account;

// Why a function failed. The message says where, what was found and what was expected.
typedef struct feedsieve_error feedsieve_error;

// What all participants own, compiled and ready for lookups and scans.
//
// Nothing changes it, so that any number of threads may use one handle at once.
typedef struct feedsieve_image feedsieve_image;

// What participants own, row by row, before it is compiled. For one thread at a time.
typedef struct feedsieve_inventory feedsieve_inventory;

// How feeds are scanned. Once it is set, any number of threads may scan with it at once; to set it
// is for one thread alone.
typedef struct feedsieve_scanner feedsieve_scanner;

// Text in UTF-8 and its length in bytes. No NUL ends it. `text` is NULL where there is none, as of
// the label of an asset that has no label.
typedef struct {
  // The first byte, or NULL.
  const char *text;
  // Bytes of the text.
  size_t len;
} feedsieve_str;

// A row that is not loaded, and why.
typedef struct {
  // The file, or the name of the bytes.
  feedsieve_str file;
  // The physical line of the value, from 1.
  uint64_t line;
  // The column of the value in characters, from 1.
  uint64_t column;
  // What was found, safe to print.
  feedsieve_str found;
  // What was expected in its place.
  feedsieve_str expected;
} feedsieve_bad_row;

// Is told of a row that is not loaded, whose texts are valid during the call. With `true` the row is
// left out, with `false` nothing of its file is used.
typedef bool (*feedsieve_bad_row_fn)(void *user,
                                     const feedsieve_bad_row *row);

// An asset that an indicator concerns, and one participant that owns it. Its words are those of
// `feedsieve lookup -o ndjson`.
typedef struct {
  // What was looked up, in canonical form.
  feedsieve_str indicator;
  // What that is: "ipv4", "ipv6", "prefix", "range", "domain" or "email".
  feedsieve_str kind;
  // How it lies to the asset: "equal", "inside", "covers", "overlaps" or "subdomain".
  feedsieve_str relation;
  // The participant's id.
  feedsieve_str participant;
  // Through whom the participant is reached, if that is known.
  feedsieve_str group;
  // The asset in canonical form.
  feedsieve_str asset;
  // What the asset is: "prefix", "range", "domain", "domain_exact", "email_domain" or "email".
  feedsieve_str asset_kind;
  // What the participant calls the asset, if it has a name for it.
  feedsieve_str label;
} feedsieve_answer;

// Is told of an answer, whose texts are valid during the call. `false` asks for no more.
typedef bool (*feedsieve_answer_fn)(void *user,
                                    const feedsieve_answer *answer);

// Is told of an answer as an object of JSON, valid during the call and not ended by a NUL. `false`
// asks for no more.
typedef bool (*feedsieve_json_fn)(void *user,
                                  const char *json,
                                  size_t len);

// Further evidence.
typedef struct {
  // Offset of its first byte.
  uint64_t at;
  // The field it stood in, or NULL.
  feedsieve_str field;
  // Where it stood.
  feedsieve_str role;
  // In canonical form.
  feedsieve_str indicator;
  // How it lies to the asset.
  feedsieve_str relation;
} feedsieve_evidence;

// A field of a record.
typedef struct {
  // The field, as it was asked for.
  feedsieve_str name;
  // Its text.
  feedsieve_str value;
} feedsieve_pair;

// A record in which an indicator concerns an asset of a participant. Its words are those of
// `feedsieve scan -o ndjson`. A later release may add members behind the last.
typedef struct {
  // The feed: its path, or the name that it was given.
  feedsieve_str feed;
  // The physical line on which the record begins, from 1.
  uint64_t line;
  // Offset of the record's first byte.
  uint64_t offset;
  // Bytes of the record without its line end.
  uint64_t length;
  // Offset of the evidence's first byte.
  uint64_t at;
  // The column ("col1" without a header), the JSON pointer, or NULL.
  feedsieve_str field;
  // Where the evidence stood: "indicator", "url-host", "email", "url-email", "rdns", "text", ...
  feedsieve_str role;
  // What the indicator is: "ipv4", "ipv6", "prefix", "range", "domain", "email" or "keyword".
  feedsieve_str kind;
  // The indicator in canonical form.
  feedsieve_str indicator;
  // How it lies to the asset: "equal", "inside", "covers", "overlaps", "subdomain" or "mention".
  feedsieve_str relation;
  // The participant's id.
  feedsieve_str participant;
  // Through whom the participant is reached, or NULL.
  feedsieve_str group;
  // The asset in canonical form.
  feedsieve_str asset;
  // What the asset is: "prefix", "range", "domain", "domain_exact", "email_domain", "email" or
  // "keyword".
  feedsieve_str asset_kind;
  // What the participant calls the asset, or NULL.
  feedsieve_str label;
  // When it was seen (RFC 3339, UTC), or NULL.
  feedsieve_str time;
  // The port, or -1.
  int32_t port;
  // The protocol in lower case, or NULL.
  feedsieve_str protocol;
  // What the record says that it is, or NULL.
  feedsieve_str tag;
  // On which side it stood: "source", "destination", "context", or NULL.
  feedsieve_str side;
  // The indicator as it was written, where that differs by more than case, or NULL.
  feedsieve_str raw;
  // What was odd: "defanged", "host-bits", ...
  const feedsieve_str *flags;
  // How many flags there are.
  size_t flag_count;
  // Further evidence for the same participant and asset in the same record.
  const feedsieve_evidence *also;
  // How many pieces of it are here, at most 16.
  size_t also_len;
  // How many there are.
  uint64_t also_count;
  // The fields that were asked for and that the record has.
  const feedsieve_pair *data;
  // How many there are.
  size_t data_count;
  // The record, where it was asked for, or NULL.
  feedsieve_str record;
  // All of it as an object of JSON, where that was asked for, or NULL.
  feedsieve_str json;
} feedsieve_hit;

// Is told of a hit, which is valid during the call with all that it points to. `false` ends the scan.
//
// Called by the thread that scans and in the order of the feed. It must return: neither exceptions of
// C++ nor longjmp may leave it.
typedef bool (*feedsieve_hit_fn)(void *user,
                                 const feedsieve_hit *hit);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The release of this library, as "1.2.3". Valid for ever.
const char *feedsieve_version(void);

// The code of an error, FEEDSIEVE_OK of NULL.
feedsieve_code feedsieve_error_code(const feedsieve_error *error);

// The message of an error in UTF-8, ended by a NUL, valid until the error is closed; "" of NULL.
const char *feedsieve_error_message(const feedsieve_error *error);

// Frees an error and sets the pointer to it to NULL.
void feedsieve_error_close(feedsieve_error **error);

// An inventory without rows.
feedsieve_inventory *feedsieve_inventory_new(void);

// Adds the rows of a file of CSV, JSON, NDJSON or TOML, told by its content.
//
// A row that is wrong is told to `on_bad_row`. Where that is NULL or returns false, nothing of
// the file is added and the error names the row: a participant that is left out is never found.
feedsieve_code feedsieve_inventory_add_path(feedsieve_inventory *inventory,
                                            const char *path,
                                            feedsieve_bad_row_fn on_bad_row,
                                            void *user,
                                            feedsieve_error **error);

// The same of a text in memory; messages call it `name`.
feedsieve_code feedsieve_inventory_add_bytes(feedsieve_inventory *inventory,
                                             const char *name,
                                             const void *bytes,
                                             size_t len,
                                             feedsieve_bad_row_fn on_bad_row,
                                             void *user,
                                             feedsieve_error **error);

// Compiles an inventory into an image in memory. The same assets give the same bytes, in whatever
// order and notation.
feedsieve_image *feedsieve_inventory_compile(const feedsieve_inventory *inventory,
                                             feedsieve_error **error);

// Frees an inventory and sets the handle to NULL; images of it stay as they are.
void feedsieve_inventory_close(feedsieve_inventory **inventory);

// Reads an image file into memory and checks it. NULL where it cannot be read or is no image.
//
// Whatever the file holds, it opens or is refused. Whoever replaces the file meanwhile changes
// nothing in what was opened.
feedsieve_image *feedsieve_image_open(const char *path,
                                      feedsieve_error **error);

// Maps an image file into memory and checks it, so that processes that map one file share its pages.
//
// Nobody may write to the file or shorten it as long as this handle, or a scanner or a further handle
// of it, is open. To rename another file over it is no such change, and that is what
// `feedsieve_image_write` and `feedsieve compile` do. Where somebody does it all the same, answers
// may be wrong, and the system may end the process with SIGBUS.
feedsieve_image *feedsieve_image_map(const char *path,
                                     feedsieve_error **error);

// Opens bytes in memory, which are copied, as `feedsieve_image_open` does a file.
feedsieve_image *feedsieve_image_open_bytes(const void *bytes,
                                            size_t len,
                                            feedsieve_error **error);

// Writes an image to a file: beside it first, then to the disk, then renamed over it, so that a
// reader finds the old file or the new one and never half of one. The file has mode 0600.
//
// Refuses a path that is a symbolic link or anything but a regular file.
feedsieve_code feedsieve_image_write(const feedsieve_image *image,
                                     const char *path,
                                     feedsieve_error **error);

// A further handle of the same image, which shares its bytes, for a part of a program that closes what
// it has at another time. NULL of NULL.
feedsieve_image *feedsieve_image_share(const feedsieve_image *image);

// Different assets in an image; 0 of NULL.
size_t feedsieve_image_asset_count(const feedsieve_image *image);

// Participants in an image; 0 of NULL.
size_t feedsieve_image_participant_count(const feedsieve_image *image);

// The facts of an image as an object of JSON with `digest`, `bytes`, `participants` and `assets`,
// valid until the image is closed. Two images are the same where their digests
// are.
feedsieve_str feedsieve_image_json(const feedsieve_image *image);

// Closes an image and sets the handle to NULL; scanners of it stay as they are.
void feedsieve_image_close(feedsieve_image **image);

// Looks up an address, a prefix, a range, a name, `*.name` or a mail address.
//
// Every asset concerned is told with every participant that owns it, the most specific first. No
// answer is no error; a text that is no indicator is FEEDSIEVE_INDICATOR.
feedsieve_code feedsieve_lookup(const feedsieve_image *image,
                                const char *text,
                                size_t len,
                                feedsieve_answer_fn on_answer,
                                void *user,
                                feedsieve_error **error);

// The same with answers as JSON, each as `feedsieve lookup -o ndjson` writes it.
feedsieve_code feedsieve_lookup_json(const feedsieve_image *image,
                                     const char *text,
                                     size_t len,
                                     feedsieve_json_fn on_answer,
                                     void *user,
                                     feedsieve_error **error);

// A scanner of an image, with one thread, formats told by content, and the hits of
// `feedsieve scan` without options. The image may be closed before it.
feedsieve_scanner *feedsieve_scanner_new(const feedsieve_image *image,
                                         feedsieve_error **error);

// Reads feeds in this format: "auto", "text", "list", "csv", "tsv", "ndjson", "json", "hosts",
// "adblock", "dnsmasq", "unbound", "bind", "rpz", "rbldnsd", "p2p", "zeek", "suricata", "stix", "misp"
// or "credentials".
feedsieve_code feedsieve_scanner_set_format(feedsieve_scanner *scanner,
                                            const char *name,
                                            feedsieve_error **error);

// Scans with so many threads; 0 stands for all that the machine has.
feedsieve_code feedsieve_scanner_set_threads(feedsieve_scanner *scanner,
                                             size_t threads,
                                             feedsieve_error **error);

// Reports evidence in these roles only, their names parted by commas, or "all": "indicator",
// "url-host", "email", "url-email", "rdns", "text" (these are on by default), "userinfo", "url-path",
// "url-query", "comment", "version", "reference". Evidence in other roles is counted.
feedsieve_code feedsieve_scanner_set_roles(feedsieve_scanner *scanner,
                                           const char *names,
                                           feedsieve_error **error);

// Reports hits on assets in private and other local space too, which are only counted otherwise.
feedsieve_code feedsieve_scanner_set_local_space(feedsieve_scanner *scanner,
                                                 bool is_wanted,
                                                 feedsieve_error **error);

// Reports, for each indicator, only the most specific asset of each participant.
feedsieve_code feedsieve_scanner_set_most_specific(feedsieve_scanner *scanner,
                                                   bool is_wanted,
                                                   feedsieve_error **error);

// Searches for keywords too, which costs a second pass over feeds.
feedsieve_code feedsieve_scanner_set_keywords(feedsieve_scanner *scanner,
                                              bool are_wanted,
                                              feedsieve_error **error);

// Rejects prefixes and ranges of feeds that are shorter than these lengths; 8 and 19 by default.
feedsieve_code feedsieve_scanner_set_shortest_prefixes(feedsieve_scanner *scanner,
                                                       uint8_t v4,
                                                       uint8_t v6,
                                                       feedsieve_error **error);

// Copies the record into each hit, with `[redacted]` in place of its secrets.
feedsieve_code feedsieve_scanner_set_with_record(feedsieve_scanner *scanner,
                                                 bool is_wanted,
                                                 feedsieve_error **error);

// Writes each hit as JSON too, into its `json`.
feedsieve_code feedsieve_scanner_set_json(feedsieve_scanner *scanner,
                                          bool is_wanted,
                                          feedsieve_error **error);

// Reports hits of this participant only, and of others that are added likewise.
feedsieve_code feedsieve_scanner_add_participant(feedsieve_scanner *scanner,
                                                 const char *id,
                                                 feedsieve_error **error);

// Searches this column of CSV or this JSON pointer only, and others that are added likewise. A feed
// that does not have it is FEEDSIEVE_FIELD, as is a field of secrets here.
feedsieve_code feedsieve_scanner_add_field(feedsieve_scanner *scanner,
                                           const char *name,
                                           feedsieve_error **error);

// Copies this field of the record into each hit, and others that are added likewise. A field of
// secrets is FEEDSIEVE_FIELD.
feedsieve_code feedsieve_scanner_add_kept_field(feedsieve_scanner *scanner,
                                                const char *name,
                                                feedsieve_error **error);

// Never reports what this file allows, and others that are added likewise: an address, a prefix, a
// range, a name or a mail address a line, or a warninglist of MISP. Such hits are counted.
//
// An entry that holds an asset of a participant silences nothing of that participant, unless
// `feedsieve_scanner_set_own_allowed` says so. Bad rows are told as those of inventories.
feedsieve_code feedsieve_scanner_add_allow_list(feedsieve_scanner *scanner,
                                                const char *path,
                                                feedsieve_bad_row_fn on_bad_row,
                                                void *user,
                                                feedsieve_error **error);

// Lets entries of allow lists silence also participants who have an asset in them.
feedsieve_code feedsieve_scanner_set_own_allowed(feedsieve_scanner *scanner,
                                                 bool is_allowed,
                                                 feedsieve_error **error);

// Closes a scanner and sets the handle to NULL.
void feedsieve_scanner_close(feedsieve_scanner **scanner);

// Scans a file, read in order; each member of a zip archive is a feed. gzip, zstd, bzip2 and xz are
// taken off.
//
// `on_hit` may be NULL where the account is all that is wanted. `account`, unless it is NULL, is set
// to the account of the scan, also where that is FEEDSIEVE_INCOMPLETE, and to NULL where nothing was
// scanned. A path that is a pipe is waited for.
feedsieve_code feedsieve_scan_path(const feedsieve_scanner *scanner,
                                   const char *path,
                                   feedsieve_hit_fn on_hit,
                                   void *user,
                                   feedsieve_account **account,
                                   feedsieve_error **error);

// Scans bytes in memory, which hits call `name`. They may be packed, or an archive.
feedsieve_code feedsieve_scan_bytes(const feedsieve_scanner *scanner,
                                    const char *name,
                                    const void *bytes,
                                    size_t len,
                                    feedsieve_hit_fn on_hit,
                                    void *user,
                                    feedsieve_account **account,
                                    feedsieve_error **error);

// Scans what an open file, pipe or socket gives until it ends, which hits call `name`. The descriptor
// stays open; where it can seek, it stands behind what was read.
feedsieve_code feedsieve_scan_fd(const feedsieve_scanner *scanner,
                                 const char *name,
                                 int fd,
                                 feedsieve_hit_fn on_hit,
                                 void *user,
                                 feedsieve_account **account,
                                 feedsieve_error **error);

// Hits of all feeds; 0 of NULL.
uint64_t feedsieve_account_hits(const feedsieve_account *account);

// Whether every feed was read to its end; false of NULL.
bool feedsieve_account_is_complete(const feedsieve_account *account);

// The account as an object of JSON with the members of `feedsieve scan --summary`: `image`, `total`,
// `feeds`, and `allow` where there is an allow list. Valid until the account is closed.
feedsieve_str feedsieve_account_json(const feedsieve_account *account);

// Frees an account and sets the handle to NULL.
void feedsieve_account_close(feedsieve_account **account);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FEEDSIEVE_H */
