// usage: scan PARTICIPANTS FEED

#include <feedsieve.h>
#include <inttypes.h>
#include <stdio.h>

static bool print(void *user, const feedsieve_hit *hit) {
  (void)user;
  printf("line %" PRIu64 ": %.*s concerns %.*s (%.*s %.*s)\n", hit->line,
         (int)hit->indicator.len, hit->indicator.text,
         (int)hit->participant.len, hit->participant.text,
         (int)hit->relation.len, hit->relation.text,
         (int)hit->asset.len, hit->asset.text);
  return true;  // false ends the scan
}

int main(int count, char **arguments) {
  if (count != 3) return fputs("usage: scan PARTICIPANTS FEED\n", stderr), 2;
  feedsieve_error *error = NULL;
  feedsieve_inventory *inventory = feedsieve_inventory_new();
  feedsieve_image *image = NULL;
  feedsieve_scanner *scanner = NULL;

  bool is_done =
      feedsieve_inventory_add_path(inventory, arguments[1], NULL, NULL, &error) == FEEDSIEVE_OK &&
      (image = feedsieve_inventory_compile(inventory, &error)) != NULL &&
      (scanner = feedsieve_scanner_new(image, &error)) != NULL &&
      feedsieve_scan_path(scanner, arguments[2], print, NULL, NULL, &error) == FEEDSIEVE_OK;
  if (!is_done) fprintf(stderr, "%s\n", feedsieve_error_message(error));

  feedsieve_scanner_close(&scanner);
  feedsieve_image_close(&image);
  feedsieve_inventory_close(&inventory);
  feedsieve_error_close(&error);
  return is_done ? 0 : 2;
}
