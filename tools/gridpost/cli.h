/**
 * What every subcommand of `gridpost` shares: common options, exit codes, the connection, and how
 * things are written on a terminal or as JSON.
 */
#ifndef GP_CLI_CLI_H
#define GP_CLI_CLI_H

#include "client/client.h"
#include "show/show.h"

#include <argp.h>
#include <jansson.h>
#include <libintl.h>
#include <stdio.h>

#define _(text)  gettext(text)
#define N_(text) text

enum gp_exit { /* ARCHITECTURE section 5 */
               GP_EXIT_DONE = 0,
               GP_EXIT_FAILED = 1,
               GP_EXIT_NOT_FOUND = 2,
               GP_EXIT_REFUSED = 3,
               GP_EXIT_TIMED_OUT = 4,
               GP_EXIT_USAGE = 64,
               GP_EXIT_TRY_AGAIN = 75,
               GP_EXIT_INTERRUPTED = 130,
};

struct gp_cli {
    const char *socket;   /* --socket, GRIDPOST_SOCKET, the identity's, or the packaged default */
    const char *person;   /* --as, GRIDPOST_PERSON */
    const char *identity; /* file: --identity, GRIDPOST_IDENTITY, or the user's own; "": none */
    const char *device;
    unsigned timeout_ms;
    bool json, colour;
    bool socket_given, person_given,
        identity_given;       /* not by default; person: not by environment */
    struct gp_client *client; /* after gp_cli_connect */
    bool sealed;              /* after gp_cli_connect: the messages go as `known` says */
    struct gp_identity known; /* what the file says */
};

/**
 * Binds messages to the language of the environment: Chinese where it asks for that, though the
 * system may not know the locale; else English. Call first.
 */
void gp_cli_start_language(void);

/** Whether messages are in Chinese. */
bool gp_cli_is_chinese(void);

/** Child parser with the common options; its input is a struct gp_cli. */
extern const struct argp gp_cli_argp;

/** Fills in defaults; call before argp_parse. */
void gp_cli_init(struct gp_cli *cli);
void gp_cli_release(struct gp_cli *cli);

/** Connects; on failure says why and how to start the daemon. Returns an exit code. */
int gp_cli_connect(struct gp_cli *cli);

/** Connects once more, without a word, where gp_cli_connect did before. Errors: as gp_client_open.
 */
int gp_cli_reconnect(struct gp_cli *cli);

/** Connects to the daemon whatever identity there is, unsealed; else as gp_cli_connect. */
int gp_cli_connect_bare(struct gp_cli *cli);

/** Names who speaks. */
void gp_cli_speak(const struct gp_cli *cli, struct gp_request *request);

/** Calls the daemon (connecting first); says what went wrong. Returns an exit code; DONE for OK. */
int gp_cli_call(struct gp_cli *cli, struct gp_request *request, unsigned wait_ms,
                struct gp_reply *ret_reply);

/** Makes a command's id. Returns an exit code, having said what went wrong. */
int gp_cli_new_id(unsigned char ret_id[GP_COMMAND_ID_BYTES]);

/** Sends a command with a fresh id, which is left in *command. Returns an exit code, having said
 * what went wrong. */
int gp_cli_send(struct gp_cli *cli, struct gp_command *command, struct gp_reply *ret_reply);

/** Lets a query go on behind a page that answered it; false: there is no more. */
bool gp_cli_next_page(struct gp_query *query, const struct gp_reply *page);

/** The daemon's time, which a drill's clock may have elsewhere. Returns an exit code. */
int gp_cli_now(struct gp_cli *cli, int64_t *ret_ms);

/** Says why a call brought no reply (a gp_error). Returns an exit code. */
int gp_cli_call_failed(const struct gp_cli *cli, int error);

/** Exit code of a reply that is not OK; says why on stderr (or as JSON on stdout). */
int gp_cli_refusal(const struct gp_cli *cli, const struct gp_reply *reply);

/** Ends the process with a usage message where nobody is named who speaks, by name or identity. */
void gp_cli_need_speaker(const struct gp_cli *cli, struct argp_state *state);

/** Reads what was answered to a question on standard output: 1 yes, 0 no, -1 nobody is there. */
int gp_cli_answer(void);

/** Prints one JSON object on a line and frees it. */
void gp_cli_print_json(json_t *object);

/** Reads a time: ISO 8601 with zone, or without in the local zone, or a date. */
bool gp_cli_time(const char *text, int64_t *ret_ms);
/** The same of an option's value; ends the process with a usage message where it is none. */
void gp_cli_read_time(const char *value, int64_t *ret_ms, struct argp_state *state);

/** Reads an incident's number, "7" or "#7"; false otherwise. */
bool gp_cli_incident(const char *text, uint64_t *ret_incident);

#define GP_CLI_TIME_BYTES GP_SHOW_TIME_BYTES
/** "2026-09-30 16:40:00" in the local zone; "-" for 0. */
void gp_cli_time_text(int64_t ms, char ret_text[GP_CLI_TIME_BYTES]);
/** "2 h 05 min", "-1 d 03 h". */
void gp_cli_duration_text(int64_t ms, char ret_text[GP_CLI_TIME_BYTES]);

/** Columns that a text takes on a terminal: East Asian characters take two. */
int gp_cli_width(struct gp_span text);
/** Prints a cell padded to a width, cut where it is longer; line feeds and tabs become blanks. */
void gp_cli_cell(struct gp_span text, int width);
/** Prints a text whole, on one line: line feeds and tabs become blanks. */
void gp_cli_flat(struct gp_span text);

/* ---- known.c: the device's identity ---- */

/** Finds out where the user's own identity would be. Lifetime: static. */
const char *gp_cli_identity_default(void);

/** Whether messages will be sealed: there is an identity, or one was asked for. */
bool gp_cli_is_known(const struct gp_cli *cli);

/**
 * Reads the identity, where there is one, into cli->known and cli->sealed; the address in it counts
 * where no other was given. Says what is wrong with it. Returns an exit code.
 */
int gp_cli_load_identity(struct gp_cli *cli);

/** Writes an identity, making its folder; says what went wrong. Returns an exit code. */
int gp_cli_save_identity(const char *path, const struct gp_identity *identity);

/** Keeps the server's newer key, if the client was given one. What fails is only said. */
void gp_cli_keep_server_key(struct gp_cli *cli);

/** Checks that who is known may speak as cli->person: a bridge may. Returns an exit code. */
int gp_cli_check_person(struct gp_cli *cli);

/* ---- entry.c: a journal entry ---- */

/** One aligned line for people. */
void gp_cli_entry_line(const struct gp_cli *cli, const struct gp_entry *entry);

/* ---- subcommands: argv[0] is "gridpost SUBCOMMAND"; each returns an exit code ---- */
int gp_cmd_act(int argc, char **argv);    /* report, and every verb about an incident */
int gp_cmd_verify(int argc, char **argv); /* an incident's work, or the journal's chain */
int gp_cmd_erase(int argc, char **argv);
int gp_cmd_show(int argc, char **argv);
int gp_cmd_list(int argc, char **argv);
int gp_cmd_roster(int argc, char **argv);
int gp_cmd_who(int argc, char **argv);
int gp_cmd_leave(int argc, char **argv);
int gp_cmd_hold(int argc, char **argv);
int gp_cmd_transfer(int argc, char **argv);
int gp_cmd_import(int argc, char **argv);
int gp_cmd_export(int argc, char **argv);
int gp_cmd_watch(int argc, char **argv);
int gp_cmd_tail(int argc, char **argv);
int gp_cmd_assess(int argc, char **argv);
int gp_cmd_strikes(int argc, char **argv);
int gp_cmd_status(int argc, char **argv);
int gp_cmd_metrics(int argc, char **argv);
int gp_cmd_clock(int argc, char **argv);
int gp_cmd_init(int argc, char **argv);
int gp_cmd_enrol(int argc, char **argv);
int gp_cmd_join(int argc, char **argv);
int gp_cmd_devices(int argc, char **argv);
int gp_cmd_revoke(int argc, char **argv);
int gp_cmd_rotate_key(int argc, char **argv);
int gp_cmd_receipt(int argc, char **argv);
int gp_cmd_head(int argc, char **argv);
int gp_cmd_backup(int argc, char **argv);
int gp_cmd_restore(int argc, char **argv);
int gp_cmd_check(int argc, char **argv);
int gp_cmd_duty(int argc, char **argv);
int gp_cmd_plan(int argc, char **argv);
int gp_cmd_rehearse(int argc, char **argv);
int gp_cmd_replay(int argc, char **argv);

#endif
