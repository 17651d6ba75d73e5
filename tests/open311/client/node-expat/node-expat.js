// Stands in for node-expat, which is C++ for a node of 2012: the little of it that xml2json calls.
"use strict";
const { EventEmitter } = require("node:events");
const sax = require("sax");

exports.Parser = class extends EventEmitter {
  parse(text) {
    const parser = sax.parser(true);
    parser.onopentag = (tag) => this.emit("startElement", tag.name, tag.attributes);
    parser.onclosetag = (name) => this.emit("endElement", name);
    parser.ontext = parser.oncdata = (piece) => this.emit("text", piece);
    try {
      parser.write(text).close();
      return true;
    } catch (error) {
      this.error = error;
      return false;
    }
  }

  getError() {
    return String(this.error);
  }
};
