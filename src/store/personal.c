/* personal.c - see personal.h.
 *
 * A name is a row of words: "billingAddress", "billing_address" and "Billing address" are billing, address. It is
 * personal if it ends with words that are: what is said of them after ("email_verified") is not. */
#include "store/personal.h"

#include "base/buf.h"
#include "store/snapshot_internal.h"
#include "store/writer_internal.h"

/* Without what parts their words. */
static const char *const personal[] = {
    "email",        "emailaddress",
    "mailaddress",  "phone",
    "phonenumber",  "mobile",
    "mobilephone",  "mobilenumber",
    "telephone",    "tel",
    "fax",          "firstname",
    "lastname",     "fullname",
    "middlename",   "givenname",
    "familyname",   "surname",
    "maidenname",   "nickname",
    "username",     "birthday",
    "birthdate",    "dateofbirth",
    "dob",          "address",
    "address1",     "address2",
    "addressline1", "addressline2",
    "street",       "streetaddress",
    "ssn",          "socialsecuritynumber",
    "passport",     "passportnumber",
    "iban",         "cardnumber",
    "creditcard",   "ip",
    "ipaddress",    "이메일",
    "이름",         "성명",
    "전화",         "전화번호",
    "휴대폰",       "휴대전화",
    "휴대폰번호",   "연락처",
    "주소",         "상세주소",
    "생일",         "생년월일",
    "주민등록번호",
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Whether a word begins at byte `i`: after what is no letter, or with a capital after a small one. */
static bool begins_word(struct gy_str name, size_t i)
{
    if (!is_letter(name.ptr[i])) {
        return false;
    }
    return i == 0 || !is_letter(name.ptr[i - 1]) ||
           (is_upper(name.ptr[i]) && !is_upper(name.ptr[i - 1]));
}

/* The rest of the name from byte `i` on, in small letters alone. */
static void put_rest(struct gy_str name, size_t i, struct gy_buf *out)
{
    gy_buf_reset(out);
    for (; i < name.len; i++) {
        char c = name.ptr[i];
        if (is_letter(c))
            gy_buf_char(out, (char)(is_upper(c) ? c - 'A' + 'a' : c));
    }
}

static bool is_listed(struct gy_str word)
{
    for (size_t i = 0; i < sizeof personal / sizeof *personal; i++) {
        if (gy_str_equal(word, gy_str_of(personal[i])))
            return true;
    }
    return false;
}

bool gy_is_personal_name(bool is_trait, struct gy_str name)
{
    struct gy_buf rest = {0};
    bool is = false;
    for (size_t i = 0; i < name.len && !is; i++) {
        if (!begins_word(name, i))
            continue;
        put_rest(name, i, &rest);
        is = is_listed(gy_buf_view(&rest)) ||
             (is_trait && i == 0 && gy_str_equal(gy_buf_view(&rest), GY_STR("name")));
    }
    gy_buf_release(&rest);
    return is;
}

/* ---- as the workspace has it ---- */

bool gy_snapshot_is_personal(const struct gy_snapshot *s, struct gy_str event, struct gy_str name)
{
    for (uint32_t i = 0; i < s->n_personal; i++) {
        if (gy_str_equal(s->personal[i].event, event) && gy_str_equal(s->personal[i].name, name))
            return s->personal[i].is_personal;
    }
    return gy_is_personal_name(event.len == 0, name);
}

/* Before version 4 nothing was said. */
enum gy_status gy_snapshot_load_personal(struct gy_snapshot *s, struct gy_catalog *c,
                                         struct gy_error *err)
{
    sqlite3_stmt *row;
    int64_t n;
    bool has_row = true;
    if (s->catalog_version < 4)
        return GY_OK;
    GY_TRY(gy_catalog_number(c, &n, err, "SELECT count(*) FROM personal", ""));
    s->personal = GY_NEW_ARRAY(&s->arena, struct gy_personal, (size_t)n + 1);
    enum gy_status status =
        gy_catalog_select(c, &row, err, "SELECT event, name, is_personal FROM personal", "");
    while (status == GY_OK) {
        status = gy_catalog_next(c, row, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        s->personal[s->n_personal++] = (struct gy_personal){
            gy_arena_str(&s->arena, gy_catalog_str(row, 0)),
            gy_arena_str(&s->arena, gy_catalog_str(row, 1)), sqlite3_column_int64(row, 2) != 0};
    }
    sqlite3_finalize(row);
    return status;
}

enum gy_status gy_writer_set_personal(struct gy_writer *w, struct gy_str event, struct gy_str name,
                                      bool is_personal, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    enum gy_status status =
        gy_catalog_run(&w->catalog, err, "INSERT OR REPLACE INTO personal VALUES(?, ?, ?)", "ssi",
                       event, name, (int64_t)is_personal);
    if (status == GY_OK)
        status = gy_catalog_commit(&w->catalog, err);
    gy_catalog_rollback(&w->catalog);
    return status;
}
