/**
 * What Open311 says to people, in both languages. Not by gettext: the language is each caller's.
 */
#ifndef GP_WEB_OPEN311_WORDS_H
#define GP_WEB_OPEN311_WORDS_H

#include "base/arena.h"
#include "base/span.h"

enum gp_open311_language { GP_OPEN311_ZH = 0, GP_OPEN311_EN = 1 };

/* "{}" is what gp_open311_say is given. */
#define GP_OPEN311_WORDS(X)                                                                        \
    /* what is wrong with a request */                                                             \
    X(NOT_HERE, "没有这个资源", "There is no such resource.")                                      \
    X(METHOD, "该资源不接受这种请求方法", "This resource does not take this method.")              \
    X(MALFORMED, "请求参数或表单无法解析（百分号编码或 UTF-8 有误，或字段过多）",                  \
      "The query or form cannot be read: percent-encoding, UTF-8, or too many fields.")            \
    X(JURISDICTION, "没有该 jurisdiction_id：{}", "jurisdiction_id was not found: {}")             \
    X(BAD_KEY, "api_key 缺失或无效", "api_key is missing or invalid.")                             \
    X(NO_SERVICE_CODE, "缺少 service_code", "service_code was not provided.")                      \
    X(NO_SERVICE, "没有该 service_code：{}", "service_code was not found: {}")                     \
    X(NO_REQUEST, "没有该 service_request_id：{}", "service_request_id was not found: {}")         \
    X(NO_TOKEN, "没有该 token：{}", "token was not found: {}")                                     \
    X(BAD_DATE, "{} 须为 W3C 格式的时间并带时区，例如 2026-01-01T00:00:00Z",                       \
      "{} must be a time in w3 format with its zone, such as 2026-01-01T00:00:00Z.")               \
    X(BAD_SPAN, "start_date 不得晚于 end_date，且跨度不得超过 90 天",                              \
      "start_date may not be later than end_date, nor further from it than 90 days.")              \
    X(BAD_STATUS, "status 只能为 open 或 closed：{}", "status is open or closed, not: {}")         \
    X(BAD_PAGE, "page 须为正整数，page_size 须为 1 至 1000，且二者之积不超过 10000",               \
      "page is from 1, page_size 1 to 1000, and their product at most 10000.")                     \
    X(TOO_MANY, "{} 列出的值过多", "{} lists too many values.")                                    \
    X(TOO_WIDE, "范围过大，请缩小 start_date 与 end_date 之间的跨度",                              \
      "Too much to look through: narrow start_date and end_date.")                                 \
    X(NO_LOCATION, "缺少位置：请提供 lat 与 long，或 address_id，或 address_string",               \
      "No location: give lat and long, or address_id, or address_string.")                         \
    X(BAD_LOCATION, "lat 与 long 须成对提供，且为 WGS84 十进制度数",                               \
      "lat and long belong together, and are decimal degrees in WGS84.")                           \
    X(BAD_ADDRESS_ID, "address_id 不是网格代码：{}", "address_id is not the code of a grid: {}")   \
    X(NO_GRID, "无法确定所属网格：请用 address_id 给出网格代码（15 位区划代码）",                  \
      "The grid cannot be told from this: give its code (15 digits) as address_id.")               \
    X(OUTSIDE, "该位置不在任何网格内", "The position lies in no grid of this city.")               \
    X(NO_CONDITION, "缺少 attribute[condition]，可选：{}",                                         \
      "attribute[condition] was not provided; it is one of: {}")                                   \
    X(BAD_CONDITION, "attribute[condition] 不是可选值：{}",                                        \
      "attribute[condition] is none of its values: {}")                                            \
    X(TOO_LONG, "{} 过长", "{} is too long.")                                                      \
    X(NO_TEXT, "缺少 description", "description was not provided.")                                \
    X(BAD_MEDIA, "media_url 须为 http 或 https 地址",                                              \
      "media_url must be an http or https address.")                                               \
    X(REFUSED, "未予登记：{}", "It was not taken: {}")                                             \
    X(UNREACHABLE, "系统暂时无法处理，请稍后重试", "The service is not available now; try later.") \
    X(TOO_FAST, "请求过于频繁，请稍后重试", "Too many requests; try again later.")                 \
    X(NO_FORM, "表单须为 application/x-www-form-urlencoded",                                       \
      "A form must be application/x-www-form-urlencoded.")                                         \
    X(FAILED, "系统内部错误", "The request could not be processed.")                               \
    /* where a request stands, by enum gp_state from REPORTED on */                                \
    X(STATE_REPORTED, "已收到，待立案", "Received; to be filed.")                                  \
    X(STATE_FILED, "已立案", "Filed.")                                                             \
    X(STATE_DISPATCHED, "已派遣至责任单位", "Sent to those who are responsible.")                  \
    X(STATE_ACCEPTED, "已受理，正在处置", "Being worked on.")                                      \
    X(STATE_FINISHED, "处置完成，待核查", "The work is done and is being checked.")                \
    X(STATE_VERIFIED, "核查通过，待结案", "Checked; about to be closed.")                          \
    X(STATE_CLOSED, "已结案", "Resolved.")                                                         \
    X(STATE_VOID, "不予立案", "No further action will be taken.")                                  \
    X(STATE_DUPLICATE, "与已登记的事件重复，并案处理",                                             \
      "A duplicate of another request, with which it is handled.")                                 \
    X(STATE_RETURNED, "已退回，正在重新确定责任单位", "It is being decided who is responsible.")   \
    X(STATE_ARBITRATION, "责任有争议，正在裁定", "It is being ruled who is responsible.")          \
    X(STATE_SUSPENDED, "已缓办", "On hold.")                                                       \
    X(STATE_REWORK, "核查未通过，正在返工", "The check failed; it is being done again.")           \
    X(STATE_REOPENED, "重新办理", "Opened again.")                                                 \
    /* what an update says beyond that */                                                          \
    X(UPDATE_STAGED, "已完成阶段性处置", "A stage of the work is done.")                           \
    X(UPDATE_RESUMED, "恢复办理", "Work goes on.")                                                 \
    X(UPDATE_UNLINKED, "撤销并案，单独办理", "No duplicate after all; it is handled by itself.")   \
    X(UPDATE_REASSIGNED, "已改派责任单位", "Given to others who are responsible.")                 \
    X(UPDATE_RULED, "责任已裁定", "It was ruled who is responsible.")                              \
    /* the rest */                                                                                 \
    X(UNTIL, "已缓办，{} 恢复办理", "On hold until {}.")                                           \
    X(DUE, "应于 {} 前办结", "To be resolved by {}.")                                              \
    X(CUT, "描述过长，只登记了前面部分", "The description was too long; its end was cut off.")     \
    X(CONDITION, "情形", "Condition")                                                              \
    X(GENERAL, "一般", "general")                                                                  \
    X(SERVICE_OF, "责任部门：{}", "Responsible: {}")                                               \
    /* labels of what is kept below a report's text */                                             \
    X(LABEL_ADDRESS, "地址: ", "Address: ")                                                        \
    X(LABEL_MEDIA, "图片: ", "Media: ")                                                            \
    X(LABEL_NAME, "联系人: ", "Name: ")                                                            \
    X(LABEL_STATUS, "对方状态: ", "Their status: ")                                                \
    X(LABEL_PHONE, "电话: ", "Phone: ")                                                            \
    X(LABEL_EMAIL, "邮箱: ", "Email: ")                                                            \
    X(LABEL_CLIENT, "来源: ", "By way of: ")                                                       \
    X(LABEL_GRID, "网格: ", "Grid: ")                                                              \
    X(GRID_UNKNOWN, "未能确定，请更正", "could not be told; to be corrected")

enum gp_open311_word {
#define X(name, zh, en) GP_OPEN311_##name,
    GP_OPEN311_WORDS(X)
#undef X
};

/** The words, with their "{}". Thread: any. Lifetime: static storage. */
const char *gp_open311_word(int language, enum gp_open311_word word);

/**
 * The words with something in place of "{}".
 *
 * Ensures:  the words as they are when there is no memory
 * Lifetime: the arena's, or static storage
 */
struct gp_span gp_open311_say(struct gp_arena *arena, int language, enum gp_open311_word word,
                              struct gp_span about);

/** "zh…" and "en…" give a language, anything else the other one given. Thread: any. */
int gp_open311_language(struct gp_span locale, int otherwise);

#endif
