/* call.h - one call of the Segment spec, as the store takes it.
 *
 * Strings are well-formed UTF-8 in NFC; everything is borrowed for the call that takes it. Readers of
 * files (ingest) and the collector (server) make calls.
 */
#ifndef GY_STORE_CALL_H
#define GY_STORE_CALL_H

#include "store/value.h"

enum gy_call_type {
    GY_CALL_TRACK,
    GY_CALL_IDENTIFY, /* its fields are traits; MISSING removes one */
    GY_CALL_ALIAS,
    GY_CALL_PAGE,   /* an event "Page Viewed" with `name` and `category` among its properties */
    GY_CALL_SCREEN, /* an event "Screen Viewed", likewise */
    GY_CALL_GROUP,  /* an event "Group Joined" with group_id and the group's traits as properties */
};

struct gy_field {
    struct gy_str name;
    struct gy_value value;
};

/* One object of an array of objects. A field that is null is there, as MISSING. */
struct gy_item {
    const struct gy_field *fields;
    uint32_t n_fields;
};

/* A property that is an array of objects: makes events named EVENT/PROPERTY. */
struct gy_item_list {
    struct gy_str property;
    const struct gy_item *items;
    uint32_t n_items;
};

struct gy_call {
    enum gy_call_type type;
    struct gy_str user_id;      /* external id; empty: none */
    struct gy_str anonymous_id; /* empty: none; one of the two is there */
    struct gy_str previous_id;  /* ALIAS */
    struct gy_str event;        /* the event's name, for all types but IDENTIFY and ALIAS */
    struct gy_str message_id;   /* empty: the call is identified by what it says: same_rows.h */
    uint64_t content; /* a hash of what the line says, where message_id is empty and same_rows.h does not take
                       * the call; together with its how-manieth occurrence in the file */
    bool has_time;    /* events must have one; an identify need not */
    int64_t time_ms;  /* when it happened */
    int64_t
        written_ms; /* as its sender wrote it, before clock correction; equal to time_ms in files */
    const struct gy_field *fields;
    uint32_t n_fields;
    const struct gy_item_list *lists;
    uint32_t n_lists;
    uint32_t
        n_lines; /* how many lines of its file it stands for, for the import's account; may be 0 */
    bool names_stay; /* each of its fields' names has a place of its own, and stays there until
                       * gy_writer_begin_file */
};

#endif
