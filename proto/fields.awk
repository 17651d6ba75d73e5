# The numbers of gridpost.proto's fields as constants, for what is packed without generated structs:
# message JournalEntry, text_seq = 13 becomes GP_FIELD_JOURNAL_ENTRY_TEXT_SEQ = 13.
#
#   awk -f fields.awk gridpost.proto >gridpost.fields.h

BEGIN {
    print "/* Made of gridpost.proto by fields.awk. */"
    print "#ifndef GP_PROTO_FIELDS_H"
    print "#define GP_PROTO_FIELDS_H"
}
{ sub(/\/\/.*/, "") }
$1 == "message" {
    prefix = $2
    gsub(/[A-Z]/, "_&", prefix)
    prefix = "GP_FIELD" toupper(prefix) "_"
    depth = 1
    fields = ""
    next
}
depth > 0 && match($0, /[a-z0-9_]+ *= *[0-9]+/) {
    split(substr($0, RSTART, RLENGTH), field, / *= */)
    fields = fields "    " prefix toupper(field[1]) " = " field[2] ",\n"
    next
}
depth > 0 && /\{/ { depth++ }
depth > 0 && /\}/ {
    depth--
    if (depth == 0 && fields != "")
        printf "enum {\n%s};\n", fields
}
END { print "#endif" }
