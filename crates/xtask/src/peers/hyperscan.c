/*
 * Prints the lines of a feed in which any of many patterns matches.
 *
 *   hyperscan version
 *   hyperscan compile names|addrs PATTERNS DATABASE      a pattern a line
 *   hyperscan scan names|addrs PATTERNS DATABASE FEED
 *
 * Names are strings, and their borders are looked at here; addresses are
 * expressions that hold their borders. The feed is mapped and scanned as one
 * block; matches come in the order of their ends, so a line is looked for once,
 * at its first match.
 */
#define _GNU_SOURCE /* memrchr */
#include <ctype.h>
#include <fcntl.h>
#include <hs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct bytes {
    const char *at;
    size_t count;
};

struct patterns {
    const char **at;
    size_t *lengths;
    unsigned count;
};

struct feed {
    struct bytes bytes;
    struct patterns patterns;
    bool names;
    /* Everything before this has been printed or does not match. */
    size_t done;
};

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(2);
}

static struct bytes map(const char *path) {
    struct bytes bytes = {NULL, 0};
    struct stat about;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &about) != 0) fail(path);
    bytes.count = (size_t)about.st_size;
    bytes.at = mmap(NULL, bytes.count, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes.at == MAP_FAILED) fail(path);
    close(file);
    return bytes;
}

static struct patterns read_patterns(const char *path) {
    struct bytes text = map(path);
    struct patterns patterns = {NULL, NULL, 0};
    for (size_t i = 0; i < text.count; i++) patterns.count += text.at[i] == '\n';
    patterns.at = calloc(patterns.count, sizeof *patterns.at);
    patterns.lengths = calloc(patterns.count, sizeof *patterns.lengths);
    if (!patterns.at || !patterns.lengths) fail("memory");
    const char *line = text.at;
    for (unsigned i = 0; i < patterns.count; i++) {
        const char *end = memchr(line, '\n', (size_t)(text.at + text.count - line));
        /* hs_compile_multi wants an end to each. */
        patterns.at[i] = strndup(line, (size_t)(end - line));
        if (!patterns.at[i]) fail("memory");
        patterns.lengths[i] = (size_t)(end - line);
        line = end + 1;
    }
    return patterns;
}

static bool are_names(const char *sort) {
    if (strcmp(sort, "names") == 0) return true;
    if (strcmp(sort, "addrs") == 0) return false;
    fail("names or addrs");
    return false;
}

static int compile(const char *sort, const char *list, const char *path) {
    struct patterns patterns = read_patterns(list);
    unsigned *flags = calloc(patterns.count, sizeof *flags);
    unsigned *ids = calloc(patterns.count, sizeof *ids);
    if (!flags || !ids) fail("memory");
    for (unsigned i = 0; i < patterns.count; i++) {
        /* ^ and $ at line ends; a string has no use for it. */
        flags[i] = are_names(sort) ? HS_FLAG_CASELESS : HS_FLAG_MULTILINE;
        ids[i] = i;
    }
    hs_database_t *database = NULL;
    hs_compile_error_t *error = NULL;
    hs_error_t outcome =
        are_names(sort)
            ? hs_compile_lit_multi(patterns.at, flags, ids, patterns.lengths, patterns.count,
                                   HS_MODE_BLOCK, NULL, &database, &error)
            : hs_compile_multi(patterns.at, flags, ids, patterns.count, HS_MODE_BLOCK, NULL,
                               &database, &error);
    if (outcome != HS_SUCCESS) fail(error->message);
    char *out = NULL;
    size_t size = 0;
    if (hs_serialize_database(database, &out, &size) != HS_SUCCESS) fail("serialize");
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(out, 1, size, file) != size || fclose(file) != 0) fail(path);
    return 0;
}

static bool inner(char c) { return isalnum((unsigned char)c) || c == '_' || c == '-'; }

/* Whether the string that ends at `to` is a name or the end of one. */
static bool bordered(const struct feed *feed, unsigned id, size_t to) {
    const char *all = feed->bytes.at;
    size_t from = to - feed->patterns.lengths[id];
    if (from > 0 && inner(all[from - 1])) return false;
    return to == feed->bytes.count || (!inner(all[to]) && all[to] != '.');
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context) {
    (void)from, (void)flags;
    struct feed *feed = context;
    if (to <= feed->done || (feed->names && !bordered(feed, id, to))) return 0;
    const char *all = feed->bytes.at;
    /* The last byte of the match; where that is a newline, it is the line's own. */
    const char *begin = memrchr(all, '\n', to - 1);
    begin = begin ? begin + 1 : all;
    const char *end = memchr(all + to - 1, '\n', feed->bytes.count - (to - 1));
    if (!end) end = all + feed->bytes.count;
    fwrite(begin, 1, (size_t)(end - begin), stdout);
    putchar('\n');
    feed->done = (size_t)(end - all) + 1;
    return 0;
}

static int scan(const char *sort, const char *list, const char *path, const char *feed_path) {
    struct bytes stored = map(path);
    hs_database_t *database = NULL;
    hs_scratch_t *scratch = NULL;
    if (hs_deserialize_database(stored.at, stored.count, &database) != HS_SUCCESS) fail(path);
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) fail("scratch");
    struct feed feed = {map(feed_path), read_patterns(list), are_names(sort), 0};
    madvise((void *)feed.bytes.at, feed.bytes.count, MADV_SEQUENTIAL);
    if (feed.bytes.count > 0xffffffff) fail("a block has at most 4 GiB");
    if (hs_scan(database, feed.bytes.at, (unsigned)feed.bytes.count, 0, scratch, on_match, &feed) !=
        HS_SUCCESS) {
        fail("scan");
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        puts(hs_version());
        return 0;
    }
    if (argc == 5 && strcmp(argv[1], "compile") == 0) return compile(argv[2], argv[3], argv[4]);
    if (argc == 6 && strcmp(argv[1], "scan") == 0) return scan(argv[2], argv[3], argv[4], argv[5]);
    fail("usage: hyperscan version | compile names|addrs PATTERNS DATABASE | "
         "scan names|addrs PATTERNS DATABASE FEED");
}
