// Everything that feedsieve.h declares, called rightly and wrongly. `cargo xtask capi` runs this under
// AddressSanitizer and under valgrind, which say where memory is read, kept or freed as it must not be.
//
// usage: all FOLDER SLOWNESS     an empty folder to write in; how much less is to be scanned

#include "feedsieve.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Only in builds with debug assertions, and so in no header.
extern void feedsieve_test_panic_after(uint32_t looks);

static const char *folder;

// Under valgrind everything takes some fifty times as long.
static size_t slowness;

#define CHECK(condition)                                                              \
  do {                                                                                \
    if (!(condition)) {                                                               \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);  \
      exit(1);                                                                        \
    }                                                                                 \
  } while (0)

// ---- What the tests are made of ----

static const char INVENTORY[] =
    "participant,kind,value,label,group\n"
    "A,domain,hospital.example,main,care\n"
    "A,prefix,192.0.2.0/24,,care\n"
    "B,prefix,192.0.2.128/25,\"lab, east\",\n"
    "B,email,board@shared.example,,\n"
    "C,prefix,10.0.0.0/8,,\n"
    "C,keyword,st. antonius,,\n";

static const char FEED[] =
    "time,url,note\n"
    "2026-11-22T01:02:03Z,http://www.hospital.example:8080/x,first\n"
    "2026-11-22T01:02:04Z,http://other.example/,192.0.2.200 and 192.0.2.201\n"
    "2026-11-22T01:02:05Z,http://10.1.2.3/,\"st. antonius\"\n"
    "2026-11-22T01:02:06Z,http://evil.example/hospital.example,hospital[.]example\n";

static bool is(feedsieve_str found, const char *expected) {
  if (expected == NULL) return found.text == NULL && found.len == 0;
  return found.text != NULL && found.len == strlen(expected) &&
         memcmp(found.text, expected, found.len) == 0;
}

// Whether a text of the library, which no NUL ends, holds another one.
static bool holds(feedsieve_str text, const char *part) {
  size_t len = strlen(part);
  for (size_t at = 0; at + len <= text.len; at++) {
    if (memcmp(text.text + at, part, len) == 0) return true;
  }
  return false;
}

// Bytes in a place of exactly their length, so that whoever reads behind them is seen.
static char *exactly(const void *bytes, size_t len) {
  char *copy = malloc(len ? len : 1);
  CHECK(copy != NULL);
  memcpy(copy, bytes, len);
  return copy;
}

static const char *path_of(const char *name) {
  static _Thread_local char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void put_file(const char *path, const void *bytes, size_t len) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  CHECK(fwrite(bytes, 1, len, file) == len);
  CHECK(fclose(file) == 0);
}

static feedsieve_image *image_of(const char *rows) {
  feedsieve_inventory *inventory = feedsieve_inventory_new();
  feedsieve_error *error;
  char *copy = exactly(rows, strlen(rows));
  CHECK(feedsieve_inventory_add_bytes(inventory, "rows", copy, strlen(rows), NULL, NULL, &error) ==
        FEEDSIEVE_OK);
  free(copy);
  CHECK(error == NULL);
  feedsieve_image *image = feedsieve_inventory_compile(inventory, &error);
  CHECK(image != NULL && error == NULL);
  feedsieve_inventory_close(&inventory);
  return image;
}

// Whether `error` has this code and says this; closes it.
static bool says(feedsieve_error **error, feedsieve_code code, const char *part) {
  bool holds = feedsieve_error_code(*error) == code &&
               strstr(feedsieve_error_message(*error), part) != NULL;
  if (!holds) {
    fprintf(stderr, "code %d, message: %s\n", feedsieve_error_code(*error),
            feedsieve_error_message(*error));
  }
  feedsieve_error_close(error);
  CHECK(*error == NULL);
  return holds;
}

// ---- Inventories ----

typedef struct {
  int rows;
  bool leaves_out;
} bad_rows;

static bool on_bad_row(void *user, const feedsieve_bad_row *row) {
  bad_rows *seen = user;
  seen->rows++;
  CHECK(is(row->file, "bad") && row->line == 3 && row->column == 10);
  CHECK(holds(row->found, "public suffix") && holds(row->expected, "accept"));
  return seen->leaves_out;
}

static void test_inventories(void) {
  feedsieve_error *error;
  feedsieve_inventory *inventory = feedsieve_inventory_new();
  CHECK(inventory != NULL);

  // What is wrong is not passed over, unless somebody says so.
  const char bad[] = "participant,kind,value\nA,domain,a.example\nA,domain,com\n";
  CHECK(feedsieve_inventory_add_bytes(inventory, "bad", bad, sizeof bad - 1, NULL, NULL, &error) ==
        FEEDSIEVE_INVENTORY);
  CHECK(says(&error, FEEDSIEVE_INVENTORY, "bad:3:10: domain com is a public suffix; "));
  bad_rows seen = {0, false};
  CHECK(feedsieve_inventory_add_bytes(inventory, "bad", bad, sizeof bad - 1, on_bad_row, &seen,
                                      &error) == FEEDSIEVE_INVENTORY);
  feedsieve_error_close(&error);
  feedsieve_image *image = feedsieve_inventory_compile(inventory, NULL);
  CHECK(seen.rows == 1 && feedsieve_image_asset_count(image) == 0);
  feedsieve_image_close(&image);
  seen.leaves_out = true;
  CHECK(feedsieve_inventory_add_bytes(inventory, "bad", bad, sizeof bad - 1, on_bad_row, &seen,
                                      &error) == FEEDSIEVE_OK);
  CHECK(seen.rows == 2 && error == NULL);

  // A file beside the text in memory.
  put_file(path_of("participants.csv"), INVENTORY, sizeof INVENTORY - 1);
  CHECK(feedsieve_inventory_add_path(inventory, path_of("participants.csv"), NULL, NULL, &error) ==
        FEEDSIEVE_OK);
  image = feedsieve_inventory_compile(inventory, &error);
  CHECK(feedsieve_image_asset_count(image) == 7);
  CHECK(feedsieve_image_participant_count(image) == 3);
  feedsieve_image_close(&image);

  CHECK(feedsieve_inventory_add_path(inventory, path_of("none.csv"), NULL, NULL, &error) ==
        FEEDSIEVE_IO);
  CHECK(says(&error, FEEDSIEVE_IO, "none.csv: "));
  CHECK(feedsieve_inventory_add_bytes(inventory, "text", "no header", 9, NULL, NULL, &error) ==
        FEEDSIEVE_INVENTORY);
  CHECK(says(&error, FEEDSIEVE_INVENTORY, "text: 1:1: "));
  // Without a place for errors there is still the code.
  CHECK(feedsieve_inventory_add_path(inventory, path_of("none.csv"), NULL, NULL, NULL) ==
        FEEDSIEVE_IO);
  // No rows are no error, as an empty file is none with a header.
  CHECK(feedsieve_inventory_add_bytes(inventory, "text", NULL, 3, NULL, NULL, &error) ==
        FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "bytes: NULL; expected"));
  feedsieve_inventory_close(&inventory);
  CHECK(inventory == NULL);
  feedsieve_inventory_close(&inventory);
}

// ---- Images, and lookups in them ----

typedef struct {
  int answers;
  int most;
  char text[256];
} answers;

static bool on_answer(void *user, const feedsieve_answer *answer) {
  answers *seen = user;
  size_t used = strlen(seen->text);
  snprintf(seen->text + used, sizeof seen->text - used, "%.*s %.*s %.*s;", (int)answer->participant.len,
           answer->participant.text, (int)answer->relation.len, answer->relation.text,
           (int)answer->asset.len, answer->asset.text);
  seen->answers++;
  if (is(answer->participant, "A")) CHECK(is(answer->group, "care"));
  if (is(answer->asset, "192.0.2.128/25")) CHECK(is(answer->label, "lab, east"));
  if (is(answer->asset, "192.0.2.0/24")) CHECK(is(answer->label, NULL));
  CHECK(answer->kind.text != NULL && answer->asset_kind.text != NULL);
  return seen->answers < seen->most;
}

static bool on_json(void *user, const char *json, size_t len) {
  answers *seen = user;
  size_t used = strlen(seen->text);
  snprintf(seen->text + used, sizeof seen->text - used, "%.*s\n", (int)len, json);
  seen->answers++;
  return seen->answers < seen->most;
}

static bool look_up(const feedsieve_image *image, const char *text, const char *expected) {
  answers seen = {0, 99, ""};
  char *copy = exactly(text, strlen(text));
  feedsieve_code code = feedsieve_lookup(image, copy, strlen(text), on_answer, &seen, NULL);
  free(copy);
  if (code != FEEDSIEVE_OK || strcmp(seen.text, expected) != 0) {
    fprintf(stderr, "%s: code %d, %s\n", text, code, seen.text);
    return false;
  }
  return true;
}

static void test_images(void) {
  feedsieve_error *error;
  feedsieve_image *image = image_of(INVENTORY);
  const char *path = path_of("day.image");
  CHECK(feedsieve_image_write(image, path, &error) == FEEDSIEVE_OK);
  // Again, over what is there.
  CHECK(feedsieve_image_write(image, path, &error) == FEEDSIEVE_OK);
  feedsieve_image *opened = feedsieve_image_open(path, &error);
  CHECK(opened != NULL && error == NULL);
  feedsieve_str facts = feedsieve_image_json(opened);
  CHECK(holds(facts, "{\"digest\":\"") && holds(facts, "\"participants\":3,\"assets\":6}"));
  feedsieve_str others = feedsieve_image_json(image);
  CHECK(facts.len == others.len && memcmp(facts.text, others.text, facts.len) == 0);

  // Mapped by two, and the file replaced meanwhile.
  feedsieve_image *mapped = feedsieve_image_map(path, &error);
  feedsieve_image *second = feedsieve_image_map(path, &error);
  feedsieve_image *other = image_of("participant,value\nZ,z.example\n");
  CHECK(feedsieve_image_write(other, path, &error) == FEEDSIEVE_OK);
  feedsieve_image_close(&other);
  CHECK(look_up(mapped, "192.0.2.0/25", "A inside 192.0.2.0/24;"));
  feedsieve_image_close(&mapped);
  CHECK(look_up(second, "192.0.2.0/25", "A inside 192.0.2.0/24;"));
  feedsieve_image_close(&second);
  CHECK(feedsieve_image_write(image, path, &error) == FEEDSIEVE_OK);

  // One handle closed, the other is as it was.
  feedsieve_image *shared = feedsieve_image_share(opened);
  feedsieve_image_close(&opened);
  CHECK(opened == NULL);
  feedsieve_image_close(&opened);
  CHECK(feedsieve_image_asset_count(shared) == 6);
  feedsieve_image_close(&shared);

  // Bytes: those of the file, each of its beginnings, and a change in each 97th byte.
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  char *bytes = malloc(1 << 20);
  size_t len = fread(bytes, 1, 1 << 20, file);
  fclose(file);
  CHECK(len > 0 && len < 1 << 20);
  char *copy = exactly(bytes, len);
  opened = feedsieve_image_open_bytes(copy, len, &error);
  CHECK(opened != NULL);
  feedsieve_image_close(&opened);
  for (size_t at = 0; at < len; at += 97) {
    copy[at] ^= 1;
    CHECK(feedsieve_image_open_bytes(copy, len, &error) == NULL);
    CHECK(says(&error, FEEDSIEVE_IMAGE, "bytes: "));
    copy[at] ^= 1;
    char *beginning = exactly(bytes, at);
    CHECK(feedsieve_image_open_bytes(beginning, at, &error) == NULL);
    CHECK(says(&error, FEEDSIEVE_IMAGE, "bytes: "));
    free(beginning);
  }
  free(copy);
  free(bytes);

  CHECK(feedsieve_image_open(path_of("participants.csv"), &error) == NULL);
  CHECK(says(&error, FEEDSIEVE_IMAGE, "participants.csv: not a feedsieve image"));
  CHECK(feedsieve_image_open(path_of("none.image"), &error) == NULL);
  CHECK(says(&error, FEEDSIEVE_IO, "none.image: "));
  CHECK(feedsieve_image_map(path_of("participants.csv"), &error) == NULL);
  CHECK(says(&error, FEEDSIEVE_IMAGE, "participants.csv: not a feedsieve image"));
  CHECK(feedsieve_image_map(path_of("none.image"), &error) == NULL);
  CHECK(says(&error, FEEDSIEVE_IO, "none.image: "));
  CHECK(feedsieve_image_write(image, path_of("none/day.image"), &error) == FEEDSIEVE_IO);
  CHECK(says(&error, FEEDSIEVE_IO, "none/day.image: "));
  CHECK(symlink("day.image", path_of("link.image")) == 0);
  CHECK(feedsieve_image_write(image, path_of("link.image"), &error) == FEEDSIEVE_IO);
  CHECK(says(&error, FEEDSIEVE_IO, "link.image: a symbolic link"));
  feedsieve_image_close(&image);
}

static void test_lookups(void) {
  feedsieve_error *error;
  feedsieve_image *image = image_of(INVENTORY);
  CHECK(look_up(image, "192.0.2.200", "B inside 192.0.2.128/25;A inside 192.0.2.0/24;"));
  CHECK(look_up(image, "192.0.2.0/25", "A inside 192.0.2.0/24;"));
  CHECK(look_up(image, "192.0.2.100-192.0.3.1",
                "B covers 192.0.2.128/25;A overlaps 192.0.2.0/24;"));
  CHECK(look_up(image, "WWW.Hospital.example.", "A subdomain hospital.example;"));
  CHECK(look_up(image, "*.hospital.example", "A equal hospital.example;"));
  // A public suffix covers nobody.
  CHECK(look_up(image, "*.example", ""));
  CHECK(look_up(image, "Board@shared.example", "B equal board@shared.example;"));
  CHECK(look_up(image, "nothospital.example", ""));
  CHECK(look_up(image, "198.51.100.1", ""));

  answers seen = {0, 1, ""};
  CHECK(feedsieve_lookup(image, "192.0.2.200", 11, on_answer, &seen, &error) == FEEDSIEVE_OK);
  CHECK(seen.answers == 1 && error == NULL);
  seen = (answers){0, 99, ""};
  CHECK(feedsieve_lookup_json(image, "192.0.2.0/25", 12, on_json, &seen, &error) == FEEDSIEVE_OK);
  CHECK(strcmp(seen.text,
               "{\"indicator\":\"192.0.2.0/25\",\"kind\":\"prefix\",\"relation\":\"inside\","
               "\"participant\":\"A\",\"group\":\"care\",\"asset\":\"192.0.2.0/24\","
               "\"asset_kind\":\"prefix\"}\n") == 0);
  seen = (answers){0, 1, ""};
  CHECK(feedsieve_lookup_json(image, "192.0.2.200", 11, on_json, &seen, &error) == FEEDSIEVE_OK);
  CHECK(seen.answers == 1);

  CHECK(feedsieve_lookup(image, "no indicator", 12, on_answer, &seen, &error) ==
        FEEDSIEVE_INDICATOR);
  CHECK(says(&error, FEEDSIEVE_INDICATOR, "no indicator: "));
  CHECK(feedsieve_lookup(image, "", 0, on_answer, &seen, &error) == FEEDSIEVE_INDICATOR);
  feedsieve_error_close(&error);
  CHECK(feedsieve_lookup(image, "a\0b.example", 11, on_answer, &seen, &error) ==
        FEEDSIEVE_INDICATOR);
  feedsieve_error_close(&error);
  CHECK(feedsieve_lookup(image, "\xff.example", 9, on_answer, &seen, &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "text: bytes that are not UTF-8; expected UTF-8"));
  CHECK(feedsieve_lookup(image, "a.example", (size_t)-1, on_answer, &seen, &error) ==
        FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "text: a length beyond all memory"));
  feedsieve_image_close(&image);
}

// ---- Scans ----

typedef struct {
  int hits;
  int most;
  char text[4096];
} hits;

static bool on_hit(void *user, const feedsieve_hit *hit) {
  hits *seen = user;
  size_t used = strlen(seen->text);
  snprintf(seen->text + used, sizeof seen->text - used, "%d:%.*s:%.*s:%.*s:%.*s\n", (int)hit->line,
           (int)hit->participant.len, hit->participant.text, (int)hit->field.len,
           hit->field.len ? hit->field.text : "", (int)hit->role.len, hit->role.text,
           (int)hit->indicator.len, hit->indicator.text);
  seen->hits++;
  return seen->hits < seen->most;
}

static const char HITS[] =
    "2:A:url:url-host:www.hospital.example\n"
    "3:B:note:text:192.0.2.200\n"
    "3:A:note:text:192.0.2.200\n"
    "5:A:note:indicator:hospital.example\n";

// What a scan of the feed with a scanner tells.
static bool scan_tells(const feedsieve_scanner *scanner, const char *expected) {
  hits seen = {0, 99, ""};
  feedsieve_error *error;
  char *feed = exactly(FEED, sizeof FEED - 1);
  feedsieve_code code = feedsieve_scan_bytes(scanner, "feed", feed, sizeof FEED - 1, on_hit, &seen,
                                             NULL, &error);
  free(feed);
  if (code != FEEDSIEVE_OK || strcmp(seen.text, expected) != 0) {
    fprintf(stderr, "code %d: %s\n%s", code, feedsieve_error_message(error), seen.text);
    feedsieve_error_close(&error);
    return false;
  }
  return true;
}

// Of the first line: all members of a hit.
static bool on_first_hit(void *user, const feedsieve_hit *hit) {
  *(bool *)user = true;
  CHECK(is(hit->feed, "feed") && hit->line == 2 && hit->offset == 14 && hit->length == 61);
  CHECK(hit->at == 42 && is(hit->field, "url") && is(hit->role, "url-host"));
  CHECK(is(hit->kind, "domain") && is(hit->indicator, "www.hospital.example"));
  CHECK(is(hit->relation, "subdomain") && is(hit->participant, "A") && is(hit->group, "care"));
  CHECK(is(hit->asset, "hospital.example") && is(hit->asset_kind, "domain"));
  CHECK(is(hit->label, "main") && hit->port == 8080);
  CHECK(is(hit->time, "2026-11-22T01:02:03Z"));
  CHECK(is(hit->protocol, NULL) && is(hit->tag, NULL) && is(hit->side, NULL));
  CHECK(is(hit->raw, NULL) && hit->flag_count == 0 && hit->also_len == 0 && hit->also_count == 0);
  CHECK(hit->data_count == 2 && is(hit->data[0].name, "note") && is(hit->data[0].value, "first"));
  CHECK(is(hit->data[1].name, "time"));
  CHECK(holds(hit->record, "2026-11-22T01:02:03Z,http://www") && hit->record.len == 61);
  CHECK(holds(hit->json, "{\"schema\":1,\"feed\":\"feed\",\"line\":2,\"offset\":14,\"length\":61,"));
  CHECK(holds(hit->json, "\"data\":{\"note\":\"first\",\"time\":\"2026-11-22T01:02:03Z\"}"));
  return false;
}

// Of the third line: further evidence. Of the fifth: flags, and how it was written.
static bool on_later_hit(void *user, const feedsieve_hit *hit) {
  int *seen = user;
  if (hit->line == 3) {
    *seen |= 1;
    CHECK(hit->also_len == 1 && hit->also_count == 1 && is(hit->also[0].field, "note"));
    CHECK(is(hit->also[0].indicator, "192.0.2.201") && is(hit->also[0].relation, "inside"));
    CHECK(is(hit->also[0].role, "text") && hit->also[0].at == hit->at + 16);
    CHECK(hit->port == -1 && is(hit->json, NULL) && is(hit->record, NULL));
    CHECK(hit->data_count == 0);
  }
  if (hit->line == 5) {
    *seen |= 2;
    CHECK(hit->flag_count == 1 && is(hit->flags[0], "defanged"));
    CHECK(is(hit->raw, "hospital[.]example"));
  }
  return true;
}

static void test_scanners(void) {
  feedsieve_error *error;
  feedsieve_image *image = image_of(INVENTORY);
  feedsieve_scanner *scanner = feedsieve_scanner_new(image, &error);
  CHECK(scanner != NULL && error == NULL);
  CHECK(scan_tells(scanner, HITS));

  // What a hit has.
  CHECK(feedsieve_scanner_add_kept_field(scanner, "note", &error) == FEEDSIEVE_OK);
  CHECK(feedsieve_scanner_add_kept_field(scanner, "time", &error) == FEEDSIEVE_OK);
  CHECK(feedsieve_scanner_set_with_record(scanner, true, &error) == FEEDSIEVE_OK);
  CHECK(feedsieve_scanner_set_json(scanner, true, &error) == FEEDSIEVE_OK);
  bool has_seen = false;
  CHECK(feedsieve_scan_bytes(scanner, "feed", FEED, sizeof FEED - 1, on_first_hit, &has_seen, NULL,
                             &error) == FEEDSIEVE_OK);
  CHECK(has_seen);
  CHECK(feedsieve_scanner_add_kept_field(scanner, "password", &error) == FEEDSIEVE_FIELD);
  CHECK(says(&error, FEEDSIEVE_FIELD, "password: "));
  feedsieve_scanner_close(&scanner);
  CHECK(scanner == NULL);
  feedsieve_scanner_close(&scanner);
  scanner = feedsieve_scanner_new(image, NULL);
  int seen = 0;
  CHECK(feedsieve_scan_bytes(scanner, "feed", FEED, sizeof FEED - 1, on_later_hit, &seen, NULL,
                             &error) == FEEDSIEVE_OK);
  CHECK(seen == 3);

  // Each thing that can be set, and back where that is possible.
  CHECK(feedsieve_scanner_set_local_space(scanner, true, &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner,
                   "2:A:url:url-host:www.hospital.example\n"
                   "3:B:note:text:192.0.2.200\n"
                   "3:A:note:text:192.0.2.200\n"
                   "4:C:url:url-host:10.1.2.3\n"
                   "5:A:note:indicator:hospital.example\n"));
  CHECK(feedsieve_scanner_set_local_space(scanner, false, &error) == FEEDSIEVE_OK);
  CHECK(feedsieve_scanner_set_keywords(scanner, true, &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner,
                   "2:A:url:url-host:www.hospital.example\n"
                   "3:B:note:text:192.0.2.200\n"
                   "3:A:note:text:192.0.2.200\n"
                   "4:C:note:text:st. antonius\n"
                   "5:A:note:indicator:hospital.example\n"));
  CHECK(feedsieve_scanner_set_keywords(scanner, false, &error) == FEEDSIEVE_OK);
  CHECK(feedsieve_scanner_set_roles(scanner, "url-host,url-path", &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner,
                   "2:A:url:url-host:www.hospital.example\n"
                   "5:A:url:url-path:hospital.example\n"));
  CHECK(feedsieve_scanner_set_roles(scanner, "url-host,nonsense", &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "roles: nonsense; expected one of indicator, url-host,"));
  CHECK(feedsieve_scanner_set_roles(scanner, "", &error) == FEEDSIEVE_ARGUMENT);
  feedsieve_error_close(&error);
  CHECK(feedsieve_scanner_set_roles(scanner, "indicator,url-host,email,url-email,rdns,text",
                                    &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner, HITS));
  CHECK(feedsieve_scanner_set_threads(scanner, 4, &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner, HITS));
  CHECK(feedsieve_scanner_set_threads(scanner, 0, &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner, HITS));
  CHECK(feedsieve_scanner_set_threads(scanner, 1u << 20, &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "threads: 1048576; expected at most 1024"));
  CHECK(feedsieve_scanner_set_shortest_prefixes(scanner, 33, 0, &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "v4: 33; expected at most 32"));
  CHECK(feedsieve_scanner_set_shortest_prefixes(scanner, 8, 129, &error) == FEEDSIEVE_ARGUMENT);
  feedsieve_error_close(&error);
  CHECK(feedsieve_scanner_set_format(scanner, "nonsense", &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "format: nonsense; expected one of auto, text, list,"));
  CHECK(feedsieve_scanner_set_format(scanner, "csv", &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner, HITS));
  CHECK(feedsieve_scanner_add_participant(scanner, "X", &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "participant: X; expected the id of one in the image"));
  CHECK(feedsieve_scanner_add_participant(scanner, "B", &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner, "3:B:note:text:192.0.2.200\n"));
  CHECK(feedsieve_scanner_add_participant(scanner, "A", &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner, HITS));
  CHECK(feedsieve_scanner_add_field(scanner, "url", &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner, "2:A:url:url-host:www.hospital.example\n"));
  CHECK(feedsieve_scanner_add_field(scanner, "note", &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner, HITS));
  CHECK(feedsieve_scanner_add_field(scanner, "passwd", &error) == FEEDSIEVE_FIELD);
  feedsieve_error_close(&error);
  CHECK(feedsieve_scanner_add_field(scanner, "nonsense", &error) == FEEDSIEVE_OK);
  feedsieve_account *account;
  CHECK(feedsieve_scan_bytes(scanner, "feed", FEED, sizeof FEED - 1, NULL, NULL, &account,
                             &error) == FEEDSIEVE_FIELD);
  CHECK(says(&error, FEEDSIEVE_FIELD, "feed: no field nonsense; there are time, url, note"));
  CHECK(account == NULL);
  feedsieve_scanner_close(&scanner);

  // The most specific asset of each participant; A and B have one each.
  feedsieve_image *nested = image_of(
      "participant,value\nA,192.0.2.0/24\nA,192.0.2.192/26\nB,192.0.2.128/25\n");
  scanner = feedsieve_scanner_new(nested, &error);
  // The scanner has the image for itself.
  feedsieve_image_close(&nested);
  CHECK(feedsieve_scanner_set_format(scanner, "csv", &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner,
                   "3:A:note:text:192.0.2.200\n"
                   "3:B:note:text:192.0.2.200\n"
                   "3:A:note:text:192.0.2.200\n"));
  CHECK(feedsieve_scanner_set_most_specific(scanner, true, &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner, "3:A:note:text:192.0.2.200\n3:B:note:text:192.0.2.200\n"));
  feedsieve_scanner_close(&scanner);

  // What is allowed. An entry that holds an asset of B silences nothing of B.
  scanner = feedsieve_scanner_new(image, &error);
  const char allowed[] = "192.0.2.128/25 # scanners\nnot an entry\n";
  put_file(path_of("allow.txt"), allowed, sizeof allowed - 1);
  CHECK(feedsieve_scanner_add_allow_list(scanner, path_of("allow.txt"), NULL, NULL, &error) ==
        FEEDSIEVE_INVENTORY);
  CHECK(says(&error, FEEDSIEVE_INVENTORY, "allow.txt:2:"));
  CHECK(scan_tells(scanner, HITS));
  put_file(path_of("allow.txt"), allowed, 26);
  CHECK(feedsieve_scanner_add_allow_list(scanner, path_of("allow.txt"), NULL, NULL, &error) ==
        FEEDSIEVE_OK);
  CHECK(feedsieve_scan_bytes(scanner, "feed", FEED, sizeof FEED - 1, NULL, NULL, &account,
                             &error) == FEEDSIEVE_OK);
  CHECK(holds(feedsieve_account_json(account),
              "\"allow\":{\"entries\":1,\"own_silenced\":false,"
              "\"own\":{\"192.0.2.128/25\":[\"B\"]}}"));
  CHECK(holds(feedsieve_account_json(account), "\"allowed\":1,"));
  feedsieve_account_close(&account);
  CHECK(scan_tells(scanner,
                   "2:A:url:url-host:www.hospital.example\n"
                   "3:B:note:text:192.0.2.200\n"
                   "5:A:note:indicator:hospital.example\n"));
  CHECK(feedsieve_scanner_set_own_allowed(scanner, true, &error) == FEEDSIEVE_OK);
  CHECK(scan_tells(scanner,
                   "2:A:url:url-host:www.hospital.example\n"
                   "5:A:note:indicator:hospital.example\n"));
  CHECK(feedsieve_scanner_add_allow_list(scanner, path_of("none.txt"), NULL, NULL, &error) ==
        FEEDSIEVE_IO);
  feedsieve_error_close(&error);
  feedsieve_scanner_close(&scanner);
  feedsieve_image_close(&image);
}

static uint32_t crc32_of(const char *bytes, size_t len) {
  uint32_t crc = 0xffffffff;
  for (size_t at = 0; at < len; at++) {
    crc ^= (uint8_t)bytes[at];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

static size_t put16(char *to, size_t at, uint32_t value) {
  to[at] = (char)value;
  to[at + 1] = (char)(value >> 8);
  return at + 2;
}

static size_t put32(char *to, size_t at, uint32_t value) {
  return put16(to, put16(to, at, value & 0xffff), value >> 16);
}

// A zip archive of one member that is stored as it is (PKWARE's APPNOTE, 4.3).
static size_t zip_of(char *to, const char *name, const char *bytes, size_t len) {
  size_t name_len = strlen(name), at = 0;
  uint32_t crc = crc32_of(bytes, len);
  at = put32(to, at, 0x04034b50);
  at = put16(to, put16(to, put16(to, put16(to, put16(to, at, 20), 0), 0), 0), 0x21);
  at = put32(to, put32(to, put32(to, at, crc), (uint32_t)len), (uint32_t)len);
  at = put16(to, put16(to, at, (uint32_t)name_len), 0);
  memcpy(to + at, name, name_len);
  memcpy(to + at + name_len, bytes, len);
  at += name_len + len;
  size_t directory = at;
  at = put32(to, at, 0x02014b50);
  at = put16(to, put16(to, at, 20), 20);
  at = put16(to, put16(to, put16(to, put16(to, at, 0), 0), 0), 0x21);
  at = put32(to, put32(to, put32(to, at, crc), (uint32_t)len), (uint32_t)len);
  at = put16(to, put16(to, put16(to, at, (uint32_t)name_len), 0), 0);
  at = put16(to, put16(to, at, 0), 0);
  at = put32(to, put32(to, at, 0), 0);
  memcpy(to + at, name, name_len);
  at += name_len;
  size_t directory_len = at - directory;
  at = put32(to, at, 0x06054b50);
  at = put16(to, put16(to, put16(to, put16(to, at, 0), 0), 1), 1);
  at = put32(to, put32(to, at, (uint32_t)directory_len), (uint32_t)directory);
  return put16(to, at, 0);
}

static void test_scans(void) {
  feedsieve_error *error;
  feedsieve_image *image = image_of(INVENTORY);
  feedsieve_scanner *scanner = feedsieve_scanner_new(image, &error);
  feedsieve_account *account;

  // By each road the same hits.
  const char *path = path_of("feed.csv");
  put_file(path, FEED, sizeof FEED - 1);
  hits seen = {0, 99, ""};
  CHECK(feedsieve_scan_path(scanner, path, on_hit, &seen, &account, &error) == FEEDSIEVE_OK);
  CHECK(strcmp(seen.text, HITS) == 0);
  CHECK(feedsieve_account_hits(account) == 4 && feedsieve_account_is_complete(account));
  feedsieve_str json = feedsieve_account_json(account);
  CHECK(holds(json, "{\"schema\":1,\"image\":{\"digest\":\"") && holds(json, "\"total\":{\"bytes\":"));
  CHECK(holds(json, "\"feeds\":[{\"feed\":\"") && holds(json, "/feed.csv\","));
  CHECK(holds(json, "\"records\":5,\"scanned\":5,") && holds(json, "\"local_space\":1,"));
  CHECK(holds(json, "\"format\":\"csv\",") && holds(json, "\"complete\":true,"));
  feedsieve_account_close(&account);
  CHECK(account == NULL);
  feedsieve_account_close(&account);
  int fd = open(path, O_RDONLY);
  CHECK(fd >= 0);
  seen = (hits){0, 99, ""};
  CHECK(feedsieve_scan_fd(scanner, "fd", fd, on_hit, &seen, NULL, &error) == FEEDSIEVE_OK);
  CHECK(strcmp(seen.text, HITS) == 0);
  // The descriptor is still ours, and read to the end.
  char left;
  CHECK(read(fd, &left, 1) == 0 && close(fd) == 0);
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(write(ends[1], FEED, sizeof FEED - 1) == (ssize_t)sizeof FEED - 1 && close(ends[1]) == 0);
  seen = (hits){0, 99, ""};
  CHECK(feedsieve_scan_fd(scanner, "pipe", ends[0], on_hit, &seen, NULL, &error) == FEEDSIEVE_OK);
  CHECK(strcmp(seen.text, HITS) == 0);
  CHECK(close(ends[0]) == 0);
  // Now that it is closed.
  CHECK(feedsieve_scan_fd(scanner, "fd", ends[0], on_hit, &seen, &account, &error) == FEEDSIEVE_IO);
  CHECK(says(&error, FEEDSIEVE_IO, "fd: ") && account == NULL);
  CHECK(feedsieve_scan_fd(scanner, "fd", -1, on_hit, &seen, NULL, &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "fd: -1; expected an open descriptor"));
  // An archive, on which a scanner that takes it for text finds nothing.
  char archive[2048];
  size_t archive_len = zip_of(archive, "feed.csv", FEED, sizeof FEED - 1);
  seen = (hits){0, 99, ""};
  CHECK(feedsieve_scan_bytes(scanner, "a.zip", archive, archive_len, on_hit, &seen, &account,
                             &error) == FEEDSIEVE_OK);
  CHECK(strcmp(seen.text, HITS) == 0);
  CHECK(holds(feedsieve_account_json(account), "\"feeds\":[{\"feed\":\"a.zip!feed.csv\","));
  feedsieve_account_close(&account);
  // One that was cut off: what it has, and that it is not all.
  seen = (hits){0, 99, ""};
  CHECK(feedsieve_scan_bytes(scanner, "a.zip", archive, 300, on_hit, &seen, &account, &error) ==
        FEEDSIEVE_INCOMPLETE);
  CHECK(says(&error, FEEDSIEVE_INCOMPLETE, "a.zip!feed.csv: "));
  CHECK(seen.hits == 3 && !feedsieve_account_is_complete(account));
  feedsieve_account_close(&account);

  // Who has seen enough ends the scan, which is no error; the account does not hide it.
  seen = (hits){0, 2, ""};
  CHECK(feedsieve_scan_bytes(scanner, "feed", FEED, sizeof FEED - 1, on_hit, &seen, &account,
                             &error) == FEEDSIEVE_OK);
  CHECK(seen.hits == 2 && error == NULL && !feedsieve_account_is_complete(account));
  CHECK(holds(feedsieve_account_json(account), "\"incomplete_why\":\"the sink ended the scan\""));
  feedsieve_account_close(&account);

  // Nobody who looks on.
  CHECK(feedsieve_scan_path(scanner, path, NULL, NULL, &account, &error) == FEEDSIEVE_OK);
  CHECK(feedsieve_account_hits(account) == 4);
  feedsieve_account_close(&account);
  CHECK(feedsieve_scan_bytes(scanner, "feed", NULL, 0, NULL, NULL, &account, &error) ==
        FEEDSIEVE_OK);
  CHECK(feedsieve_account_hits(account) == 0 && feedsieve_account_is_complete(account));
  feedsieve_account_close(&account);
  CHECK(feedsieve_scan_bytes(scanner, "feed", FEED, sizeof FEED - 1, NULL, NULL, NULL, NULL) ==
        FEEDSIEVE_OK);

  // What was expected to be a feed and is not.
  const char page[] = "<!DOCTYPE html>\n<html><body>403 hospital.example</body></html>\n";
  CHECK(feedsieve_scan_bytes(scanner, "page", page, sizeof page - 1, NULL, NULL, &account,
                             &error) == FEEDSIEVE_INCOMPLETE);
  CHECK(says(&error, FEEDSIEVE_INCOMPLETE, "page: "));
  CHECK(account != NULL && !feedsieve_account_is_complete(account));
  feedsieve_account_close(&account);
  CHECK(feedsieve_scan_path(scanner, path_of("none.csv"), NULL, NULL, &account, &error) ==
        FEEDSIEVE_IO);
  CHECK(says(&error, FEEDSIEVE_IO, "none.csv: ") && account == NULL);
  CHECK(feedsieve_scan_path(scanner, folder, NULL, NULL, NULL, &error) == FEEDSIEVE_IO);
  CHECK(says(&error, FEEDSIEVE_IO, "directory"));
  feedsieve_scanner_close(&scanner);
  feedsieve_image_close(&image);
}

// ---- Threads ----

typedef struct {
  const feedsieve_image *image;
  const feedsieve_scanner *scanner;
} shared;

static void *work(void *user) {
  const shared *with = user;
  for (int round = 0; round < 2 + 18 / (int)slowness; round++) {
    CHECK(look_up(with->image, "192.0.2.200", "B inside 192.0.2.128/25;A inside 192.0.2.0/24;"));
    CHECK(scan_tells(with->scanner, HITS));
    feedsieve_error *error;
    CHECK(feedsieve_lookup(with->image, "", 0, on_answer, NULL, &error) == FEEDSIEVE_INDICATOR);
    feedsieve_error_close(&error);
    feedsieve_image *own = feedsieve_image_share(with->image);
    feedsieve_scanner *scanner = feedsieve_scanner_new(own, NULL);
    feedsieve_image_close(&own);
    CHECK(scan_tells(scanner, HITS));
    feedsieve_scanner_close(&scanner);
  }
  // A feed of several chunks, on the threads of one scanner.
  size_t lines = 200000 / slowness, line = strlen("192.0.2.7\n");
  char *feed = malloc(lines * line);
  for (size_t at = 0; at < lines; at++) memcpy(feed + at * line, "192.0.2.7\n", line);
  feedsieve_account *account;
  CHECK(feedsieve_scan_bytes(with->scanner, "large", feed, lines * line, NULL, NULL, &account,
                             NULL) == FEEDSIEVE_OK);
  CHECK(feedsieve_account_hits(account) == lines);
  feedsieve_account_close(&account);
  free(feed);
  return NULL;
}

static void test_threads(void) {
  feedsieve_image *image = image_of(INVENTORY);
  feedsieve_scanner *scanner = feedsieve_scanner_new(image, NULL);
  CHECK(feedsieve_scanner_set_threads(scanner, 2, NULL) == FEEDSIEVE_OK);
  shared with = {image, scanner};
  pthread_t threads[8];
  for (int index = 0; index < 8; index++) {
    CHECK(pthread_create(&threads[index], NULL, work, &with) == 0);
  }
  for (int index = 0; index < 8; index++) CHECK(pthread_join(threads[index], NULL) == 0);
  feedsieve_scanner_close(&scanner);
  feedsieve_image_close(&image);
}

// ---- NULL, and panics ----

// Calls that fail: of each, the code that it gives with NULL for every pointer.
#define CODES(X)                                                                       \
  X(feedsieve_inventory_add_path(NULL, NULL, NULL, NULL, e))                           \
  X(feedsieve_inventory_add_bytes(NULL, NULL, NULL, 0, NULL, NULL, e))                 \
  X(feedsieve_image_write(NULL, NULL, e))                                              \
  X(feedsieve_lookup(NULL, NULL, 0, NULL, NULL, e))                                    \
  X(feedsieve_lookup_json(NULL, NULL, 0, NULL, NULL, e))                               \
  X(feedsieve_scanner_set_format(NULL, NULL, e))                                       \
  X(feedsieve_scanner_set_threads(NULL, 1, e))                                         \
  X(feedsieve_scanner_set_roles(NULL, NULL, e))                                        \
  X(feedsieve_scanner_set_local_space(NULL, true, e))                                  \
  X(feedsieve_scanner_set_most_specific(NULL, true, e))                                \
  X(feedsieve_scanner_set_keywords(NULL, true, e))                                     \
  X(feedsieve_scanner_set_shortest_prefixes(NULL, 8, 19, e))                           \
  X(feedsieve_scanner_set_with_record(NULL, true, e))                                  \
  X(feedsieve_scanner_set_json(NULL, true, e))                                         \
  X(feedsieve_scanner_set_own_allowed(NULL, true, e))                                  \
  X(feedsieve_scanner_add_participant(NULL, NULL, e))                                  \
  X(feedsieve_scanner_add_field(NULL, NULL, e))                                        \
  X(feedsieve_scanner_add_kept_field(NULL, NULL, e))                                   \
  X(feedsieve_scanner_add_allow_list(NULL, NULL, NULL, NULL, e))                       \
  X(feedsieve_scan_path(NULL, NULL, NULL, NULL, NULL, e))                              \
  X(feedsieve_scan_bytes(NULL, NULL, NULL, 0, NULL, NULL, NULL, e))                    \
  X(feedsieve_scan_fd(NULL, NULL, 0, NULL, NULL, NULL, e))

// Calls that give a handle.
#define HANDLES(X)                             \
  X(feedsieve_inventory_compile(NULL, e))      \
  X(feedsieve_image_open(NULL, e))             \
  X(feedsieve_image_map(NULL, e))              \
  X(feedsieve_image_open_bytes(NULL, 0, e))    \
  X(feedsieve_scanner_new(NULL, e))

// Calls that have no error: what they give without a handle, and what where they panic.
#define VALUES(X)                                                      \
  X(feedsieve_error_code(NULL), FEEDSIEVE_OK, FEEDSIEVE_INTERNAL)      \
  X(feedsieve_image_asset_count(NULL), 0, 0)                           \
  X(feedsieve_image_participant_count(NULL), 0, 0)                     \
  X(feedsieve_image_json(NULL).len, 0, 0)                              \
  X(feedsieve_image_share(NULL), NULL, NULL)                           \
  X(feedsieve_account_hits(NULL), 0, 0)                                \
  X(feedsieve_account_is_complete(NULL), false, false)                 \
  X(feedsieve_account_json(NULL).len, 0, 0)

// Calls that close; given both ways of nothing.
#define CLOSES(X)                                         \
  X(feedsieve_error, feedsieve_error_close)               \
  X(feedsieve_inventory, feedsieve_inventory_close)       \
  X(feedsieve_image, feedsieve_image_close)               \
  X(feedsieve_scanner, feedsieve_scanner_close)           \
  X(feedsieve_account, feedsieve_account_close)

static void test_null(void) {
  feedsieve_error *error, **e = &error;
#define FAILS(call)                                             \
  CHECK((call) == FEEDSIEVE_ARGUMENT);                          \
  CHECK(says(e, FEEDSIEVE_ARGUMENT, "NULL; expected"));
  CODES(FAILS)
#undef FAILS
#define IS_NULL(call)                                                              \
  CHECK((call) == NULL);                                                           \
  CHECK(feedsieve_error_code(error) == FEEDSIEVE_ARGUMENT ||                       \
        feedsieve_error_code(error) == FEEDSIEVE_IMAGE);                           \
  feedsieve_error_close(&error);
  HANDLES(IS_NULL)
#undef IS_NULL
  // Nobody wants to know why.
  e = NULL;
#define FAILS(call) CHECK((call) == FEEDSIEVE_ARGUMENT);
  CODES(FAILS)
#undef FAILS
#define IS_NULL(call) CHECK((call) == NULL);
  HANDLES(IS_NULL)
#undef IS_NULL
#define EQUALS(call, expected, panicked) CHECK((call) == (expected));
  VALUES(EQUALS)
#undef EQUALS
#define CLOSE(type, close) \
  close(NULL);             \
  {                        \
    type *none = NULL;     \
    close(&none);          \
    CHECK(none == NULL);   \
  }
  CLOSES(CLOSE)
#undef CLOSE
  CHECK(strcmp(feedsieve_error_message(NULL), "") == 0);
  // With a handle, and without the rest.
  feedsieve_image *image = image_of(INVENTORY);
  feedsieve_scanner *scanner = feedsieve_scanner_new(image, NULL);
  CHECK(feedsieve_image_write(image, NULL, &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "path: NULL; expected"));
  CHECK(feedsieve_lookup(image, "a.example", 9, NULL, NULL, &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "on_answer: NULL; expected"));
  CHECK(feedsieve_scan_path(scanner, NULL, NULL, NULL, NULL, &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "path: NULL; expected"));
  CHECK(feedsieve_scan_bytes(scanner, NULL, FEED, 1, NULL, NULL, NULL, &error) ==
        FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "name: NULL; expected"));
  CHECK(feedsieve_scanner_add_participant(scanner, "\xff", &error) == FEEDSIEVE_ARGUMENT);
  CHECK(says(&error, FEEDSIEVE_ARGUMENT, "participant: bytes that are not UTF-8; expected UTF-8"));
  feedsieve_scanner_close(&scanner);
  feedsieve_image_close(&image);
}

static void test_panics(void) {
  feedsieve_error *error, **e = &error;
#define PANICS(call)                                                     \
  feedsieve_test_panic_after(0);                                         \
  CHECK((call) == FEEDSIEVE_INTERNAL);                                   \
  CHECK(says(e, FEEDSIEVE_INTERNAL, "fence.rs:"));
  CODES(PANICS)
#undef PANICS
#define PANICS(call)                                                     \
  feedsieve_test_panic_after(0);                                         \
  CHECK((call) == NULL);                                                 \
  CHECK(says(e, FEEDSIEVE_INTERNAL, "fence.rs:"));
  HANDLES(PANICS)
#undef PANICS
#define PANICS(call, expected, panicked) \
  feedsieve_test_panic_after(0);         \
  CHECK((call) == (panicked));
  VALUES(PANICS)
#undef PANICS
#define PANICS(type, close)      \
  feedsieve_test_panic_after(0); \
  close(NULL);
  CLOSES(PANICS)
#undef PANICS
  feedsieve_test_panic_after(0);
  CHECK(feedsieve_inventory_new() == NULL);
  feedsieve_test_panic_after(0);
  CHECK(strcmp(feedsieve_version(), "") != 0);
  feedsieve_test_panic_after(0);
  CHECK(strcmp(feedsieve_error_message(NULL), "") == 0);

  // In the middle of a scan, with threads at work: at the third hit.
  feedsieve_image *image = image_of(INVENTORY);
  feedsieve_scanner *scanner = feedsieve_scanner_new(image, NULL);
  CHECK(feedsieve_scanner_set_threads(scanner, 2, NULL) == FEEDSIEVE_OK);
  size_t lines = 300000 / slowness, line = strlen("192.0.2.7\n");
  char *feed = malloc(lines * line);
  for (size_t at = 0; at < lines; at++) memcpy(feed + at * line, "192.0.2.7\n", line);
  for (uint32_t looks = 1; looks < 250000 / slowness; looks = looks * 5 + 2) {
    feedsieve_account *account;
    feedsieve_test_panic_after(looks);
    CHECK(feedsieve_scan_bytes(scanner, "feed", feed, lines * line, NULL, NULL, &account, &error) ==
          FEEDSIEVE_INTERNAL);
    CHECK(says(&error, FEEDSIEVE_INTERNAL, "please report it") && account == NULL);
  }
  free(feed);
  // What was in the middle of it is as good as before, and can be closed in any case.
  CHECK(scan_tells(scanner, HITS));
  feedsieve_scanner_close(&scanner);
  feedsieve_image_close(&image);
}

int main(int count, char **arguments) {
  CHECK(count == 3);
  folder = arguments[1];
  slowness = strtoul(arguments[2], NULL, 10);
  CHECK(slowness > 0);
  CHECK(strcmp(feedsieve_version(), "") != 0);
  test_inventories();
  test_images();
  test_lookups();
  test_scanners();
  test_scans();
  test_threads();
  test_null();
  test_panics();
  puts("all of feedsieve.h is as it should be");
  return 0;
}
