// Elements without markup: h('p.note', {title}, 'text'). Texts become text nodes, whatever is in them; there is no other way into the page.

const SVG = 'http://www.w3.org/2000/svg';

function setProp(element, key, value) {
  if (value === null || value === undefined || value === false)
    return;
  if (key.startsWith('on'))
    element.addEventListener(key.slice(2), value);
  else if (key === 'vars')
    setVars(element, value);
  else if (key === 'value' || key === 'checked' || key === 'selected' || key === 'indeterminate')
    element[key] = value;
  else if (key === 'class')
    element.classList.add(...value.split(' ').filter(Boolean));
  else
    element.setAttribute(key, value === true ? '' : String(value));
}

/** CSS custom properties by CSSOM, which the strict policy allows where a style attribute is forbidden. */
export function setVars(element, vars) {
  for (const [name, value] of Object.entries(vars))
    element.style.setProperty(`--${name}`, String(value));
}

export function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child))
      append(element, child);
    else if (child !== null && child !== undefined && child !== false)
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

function build(element, classes, props, children) {
  if (classes.length > 0)
    element.classList.add(...classes);
  // A value is looked for among the options, which are children: it comes last.
  const value = props?.value;
  for (const [key, one] of Object.entries(props ?? {})) {
    if (key !== 'value')
      setProp(element, key, one);
  }
  append(element, children);
  setProp(element, 'value', value);
  return element;
}

/** An HTML element: tag with classes ('button.plain'), attributes, `on…` listeners, `vars`, and what is in it. */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split('.');
  return build(document.createElement(name), classes, props, children);
}

/** The same for SVG. */
export function s(tag, props, ...children) {
  const [name, ...classes] = tag.split('.');
  return build(document.createElementNS(SVG, name), classes, props, children);
}

export function fill(element, ...children) {
  element.replaceChildren();
  return append(element, children);
}

let last = 0;

/** An id for labels and what they label. */
export function newId(prefix) {
  last += 1;
  return `${prefix}-${last}`;
}
