/* catalog_tables.h - the tables of gyeol.db: making them, and telling whether they are as we make them.
 *
 * A damaged byte in the text of a table's definition is none to SQLite as long as the text parses: the
 * table then has another column, or a key less. So the texts are compared with those of a new catalog.
 */
#ifndef GY_STORE_CATALOG_TABLES_H
#define GY_STORE_CATALOG_TABLES_H

#include "store/catalog.h"

/* Makes all tables of a version. False: the database's own error says why. */
bool gy_catalog_make_tables(sqlite3 *db, int64_t version);

/* Makes those that version `to` has beside the ones of version `from`. False as above. */
bool gy_catalog_add_tables(sqlite3 *db, int64_t from, int64_t to);

/* Told of each table or index that `c` does not have as a new catalog of its version has it: its type ("table") and name. */
typedef void (*gy_catalog_say_difference)(void *context, struct gy_str type, struct gy_str name);

/* Fails as statements do. */
GY_CHECKED enum gy_status gy_catalog_compare_tables(struct gy_catalog *c,
                                                    gy_catalog_say_difference say, void *context,
                                                    struct gy_error *err);

#endif
