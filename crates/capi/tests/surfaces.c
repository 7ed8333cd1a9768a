// Answers the golden table of all surfaces through C: `cargo xtask capi` compares what comes out.
//
// usage: surfaces lookups INVENTORY < QUERIES      a query a line; out: an array of answers a line
//        surfaces scans INVENTORY < FEEDS          FORMAT, a tab, and a path a line; out: an array of
//                                                  hits a line

#include "feedsieve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static feedsieve_error *error;

static int fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, feedsieve_error_message(error));
  exit(1);
}

static bool is_first;

static bool on_answer(void *user, const char *json, size_t len) {
  (void)user;
  printf("%s%.*s", is_first ? "" : ",", (int)len, json);
  is_first = false;
  return true;
}

static bool on_hit(void *user, const feedsieve_hit *hit) {
  return on_answer(user, hit->json.text, hit->json.len);
}

static void look_up(const feedsieve_image *image, const char *query) {
  feedsieve_code code =
      feedsieve_lookup_json(image, query, strlen(query), on_answer, NULL, &error);
  // What is no indicator has no answers; the table has such rows too.
  if (code != FEEDSIEVE_OK && code != FEEDSIEVE_INDICATOR) fail(query);
  feedsieve_error_close(&error);
}

static void scan(const feedsieve_image *image, char *line) {
  char *path = strchr(line, '\t');
  if (path == NULL) fail("a line without a tab");
  *path++ = '\0';
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail(path);
  static char feed[1 << 20];
  size_t len = fread(feed, 1, sizeof feed, file);
  fclose(file);
  feedsieve_scanner *scanner = feedsieve_scanner_new(image, &error);
  if (feedsieve_scanner_set_json(scanner, true, &error) != FEEDSIEVE_OK) fail("json");
  if (feedsieve_scanner_set_format(scanner, line, &error) != FEEDSIEVE_OK) fail(line);
  if (feedsieve_scan_bytes(scanner, "feed", feed, len, on_hit, NULL, NULL, &error) != FEEDSIEVE_OK) {
    fail(path);
  }
  feedsieve_scanner_close(&scanner);
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  feedsieve_inventory *inventory = feedsieve_inventory_new();
  if (feedsieve_inventory_add_path(inventory, arguments[2], NULL, NULL, &error) != FEEDSIEVE_OK) {
    fail("inventory");
  }
  feedsieve_image *image = feedsieve_inventory_compile(inventory, &error);
  if (image == NULL) fail("image");
  feedsieve_inventory_close(&inventory);

  char *line = NULL;
  size_t room = 0;
  ssize_t len;
  while ((len = getline(&line, &room, stdin)) > 0) {
    if (line[len - 1] == '\n') line[len - 1] = '\0';
    is_first = true;
    putchar('[');
    strcmp(arguments[1], "scans") == 0 ? scan(image, line) : look_up(image, line);
    puts("]");
  }
  free(line);
  feedsieve_image_close(&image);
  return 0;
}
