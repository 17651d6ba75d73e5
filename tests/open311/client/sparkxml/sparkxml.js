// Stands in for sparkxml, which is on GitHub alone, by an address that is not served any more: XML to objects by
// Open311's "Spark" convention. An element with one child or with several of one name is a list, one with others an object,
// one without any a number, true or false, a text, or null.
"use strict";
const sax = require("sax");

function tree(text) {
  const parser = sax.parser(true);
  const open = [{ children: [], text: "" }];
  parser.onopentag = (tag) => {
    const element = { name: tag.name, children: [], text: "" };
    open.at(-1).children.push(element);
    open.push(element);
  };
  parser.onclosetag = () => open.pop();
  parser.ontext = parser.oncdata = (piece) => {
    open.at(-1).text += piece;
  };
  parser.write(text).close();
  return open[0].children[0];
}

function scalar(text) {
  if (text === "") return null;
  if (text.trim() !== "" && !Number.isNaN(Number(text))) return Number(text);
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return text;
}

function value(element) {
  const { children } = element;
  if (children.length === 0) return scalar(element.text);
  const names = new Set(children.map((child) => child.name));
  if (children.length === 1 || names.size < children.length) return children.map(value);
  return Object.fromEntries(children.map((child) => [child.name, value(child)]));
}

exports.parseXml = (text) => value(tree(text));
