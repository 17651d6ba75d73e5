#include "report/words.h"

#include "core/incident.h"

const char *gp_report_say(enum gp_report_language language, enum gp_saying word)
{
    static const char *const words[][2] = {
#define X(name, en, zh) [name] = {en, zh},
        GP_SAYINGS(X)
#undef X
    };

    return words[word][language == GP_REPORT_ZH];
}

const char *gp_report_state(enum gp_report_language language, int state)
{
    static const char *const zh[] = {
        [GP_STATE_REPORTED] = "已上报",    [GP_STATE_FILED] = "已立案",
        [GP_STATE_DISPATCHED] = "已派遣",  [GP_STATE_ACCEPTED] = "已接单",
        [GP_STATE_FINISHED] = "已办结",    [GP_STATE_VERIFIED] = "已核查",
        [GP_STATE_CLOSED] = "已结案",      [GP_STATE_VOID] = "已作废",
        [GP_STATE_DUPLICATE] = "重复件",   [GP_STATE_RETURNED] = "已退回",
        [GP_STATE_ARBITRATION] = "裁定中", [GP_STATE_SUSPENDED] = "已挂起",
        [GP_STATE_REWORK] = "返工",        [GP_STATE_REOPENED] = "已重开",
    };

    if (language == GP_REPORT_EN || state <= GP_STATE_NONE ||
        state >= (int)(sizeof zh / sizeof zh[0]) || zh[state] == NULL)
        return gp_state_name(state);
    return zh[state];
}
