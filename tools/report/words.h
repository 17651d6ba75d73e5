/**
 * The words of a report, in both languages. gettext's language is the process's; a server answers
 * in that of each reader, so the words stand here. A test holds the Chinese against the command's
 * catalogue.
 */
#ifndef GP_REPORT_WORDS_H
#define GP_REPORT_WORDS_H

enum gp_report_language { GP_REPORT_EN, GP_REPORT_ZH };

#define GP_SAYINGS(X)                                                                              \
    X(GP_SAY_SUMMARY, "summary", "汇总")                                                           \
    X(GP_SAY_FIGURES, "figures", "数量")                                                           \
    X(GP_SAY_RATES, "rates", "比率")                                                               \
    X(GP_SAY_OVERDUE, "overdue", "超期")                                                           \
    X(GP_SAY_STRIKES, "strikes", "问责")                                                           \
    X(GP_SAY_UNIT, "unit", "单位")                                                                 \
    X(GP_SAY_NUMBER, "number", "编号")                                                             \
    X(GP_SAY_GRID, "grid", "网格")                                                                 \
    X(GP_SAY_CATEGORY, "category", "类别")                                                         \
    X(GP_SAY_CONDITION, "condition", "情形")                                                       \
    X(GP_SAY_DUE, "due", "时限")                                                                   \
    X(GP_SAY_WHO, "who let it pass", "超期责任岗位")                                               \
    X(GP_SAY_STATE, "state", "状态")                                                               \
    X(GP_SAY_GIVEN, "given", "作出时间")                                                           \
    X(GP_SAY_PERSON, "person", "人员")                                                             \
    X(GP_SAY_NTH, "nth of the year", "本年第几次")                                                 \
    X(GP_SAY_MEASURE, "measure", "拟处理")                                                         \
    X(GP_SAY_INCIDENT, "incident", "案卷")                                                         \
    X(GP_SAY_OWNER, "owner", "责任岗位")                                                           \
    X(GP_SAY_NOTICE, "notice", "通知书")                                                           \
    X(GP_SAY_NO_UNIT, "in no unit of the directory", "目录中无对应单位")                           \
    X(GP_SAY_CARD, "yellow card", "黄牌")                                                          \
    X(GP_SAY_FLAGGED, "yellow card, last for years running", "黄牌，连续多年末位")                 \
    X(GP_SAY_CRITICISM, "public criticism", "通报批评")                                            \
    X(GP_SAY_ADMONITION, "admonition", "诫勉谈话")                                                 \
    X(GP_SAY_ORGANISATIONAL, "organisational measure", "组织处理")                                 \
    X(GP_SAY_DRAFT, "draft", "草稿")                                                               \
    X(GP_SAY_APPEALED, "appealed", "已申诉")                                                       \
    X(GP_SAY_SIGNED, "signed", "一人已签")                                                         \
    X(GP_SAY_LIFTED, "lifted", "已撤销")                                                           \
    X(GP_SAY_UPHELD, "upheld", "维持")                                                             \
    X(GP_SAY_MORE, "there are more: ask for a shorter period or an area",                          \
      "还有更多：请缩短统计期或限定区域")

enum gp_saying {
#define X(name, en, zh) name,
    GP_SAYINGS(X)
#undef X
        GP_SAYINGS_END
};

/** A word. Thread: any. Lifetime: static. */
const char *gp_report_say(enum gp_report_language language, enum gp_saying word);

/** An incident's state; "?" for a number that is none. Thread: any. Lifetime: static. */
const char *gp_report_state(enum gp_report_language language, int state);

#endif
