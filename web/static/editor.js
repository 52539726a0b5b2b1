// The editor of a draft: CodeMirror over the form's own text, which stays the truth. After a pause the text is looked at
// by the server, whose findings are marked where they stand. What is completed comes from the schema of the language and
// from the names that the text declares. Without this file the page is a form with a text area.
"use strict";

const form = document.getElementById("draft");
const area = document.getElementById("text");
const cm = await import(form.dataset.library);
const schema = await fetch("/drafts/schema.json").then((answer) => answer.json());
const PAUSE = 350;
let names = null;
let saved = area.value;

// -- the schema, by the keys that lead to a place ------------------------------------------------------------------

function resolved(node) {
  while (node && node.$ref) { node = schema.$defs[node.$ref.split("/").pop()]; }
  return node;
}

function ways(node) {
  node = resolved(node);
  if (!node) { return []; }
  const more = [...(node.anyOf || []), ...(node.oneOf || []), ...(node.allOf || [])];
  return more.length ? [node, ...more.flatMap(ways)] : [node];
}

function below(node, step) {
  return ways(node).flatMap((way) => {
    if (step === 0) { return way.items ? [way.items] : []; }
    if (way.properties && way.properties[step]) { return [way.properties[step]]; }
    if (way.patternProperties) { return Object.values(way.patternProperties); }
    return way.additionalProperties && typeof way.additionalProperties === "object" ? [way.additionalProperties] : [];
  });
}

function at(path) {
  return path.reduce((nodes, step) => nodes.flatMap((node) => below(node, step)), [schema]);
}

// -- where the cursor is: the keys above it, and whether a key or a value is written ---------------------------------

function keyOf(state, pair) {
  const key = pair.getChild("Key");
  return key ? state.sliceDoc(key.from, key.to).trim().replace(/^['"]|['"]$/g, "") : "";
}

function place(state, pos) {
  const path = [];
  const line = state.doc.lineAt(pos);
  let node = cm.syntaxTree(state).resolveInner(pos, -1);
  const before = state.sliceDoc(line.from, pos);
  let value = false;
  for (let child = null; node; child = node, node = node.parent) {
    if (node.name === "Pair") {
      const key = node.getChild("Key");
      if (key && pos > key.to && /:\s*[^\s{[]*$/.test(state.sliceDoc(key.to, pos)) && !path.length) { value = true; }
      if (!key || pos > key.to) { path.unshift(keyOf(state, node)); }
    }
    if (/Sequence$/.test(node.name) && child) { path.unshift(0); }
  }
  // on a line of its own the tree does not yet know where a new key belongs: its indentation does
  if (/^\s*(- )?\w*$/.test(before)) { return { path: byIndentation(state, line, before), value: false }; }
  return { path, value };
}

function byIndentation(state, line, before) {
  const path = [];
  let indent = /^\s*/.exec(before)[0].length + (/^\s*- /.test(before) ? 2 : 0);
  if (/^\s*- /.test(before)) { path.unshift(0); indent -= 2; }
  for (let number = line.number - 1; number > 0 && indent > 0; number -= 1) {
    const found = /^(\s*)(- )?([\w-]+):/.exec(state.doc.line(number).text);
    if (!found) { continue; }
    const own = found[1].length;
    const inner = own + (found[2] ? 2 : 0);
    if (inner < indent) { path.unshift(found[3]); indent = own; if (found[2]) { path.unshift(0); } } else if (found[2] && own < indent && inner === indent) { path.unshift(0); indent = own; }
  }
  return path;
}

const OF_NAMES = {
  by: "roles", owed_by: "roles", open_to: "roles", role: "roles", to: "states", from: "states", state: "states", while: "states", enter: "states", in: "states",
  trigger: "triggers", met_by: "triggers", starts: "triggers", restart_by: "triggers", cancelled_by: "triggers", fire: "triggers", open: "children", notice: "notices",
};

function complete(context) {
  const word = context.matchBefore(/[\w.'-]*/);
  if (!context.explicit && word.from === word.to) { return null; }
  const { path, value } = place(context.state, context.pos);
  const last = path[path.length - 1];
  if (value || last === 0) {
    const key = value ? last : path[path.length - 2];
    const options = at(path).flatMap(ways).flatMap((way) => way.enum || (way.const === undefined ? [] : [way.const]));
    const mine = names && OF_NAMES[key] ? names[OF_NAMES[key]] : [];
    const facts = names && /[.]/.test(word.text) ? [...names.fields, ...names.parameters, ...names.measures] : [];
    const all = [...new Set([...options, ...mine, ...facts].map(String))];
    return all.length ? { from: word.from, options: all.map((label) => ({ label, type: "constant" })), validFor: /^[\w.'-]*$/ } : null;
  }
  const keys = new Map();
  for (const way of at(path).flatMap(ways)) {
    for (const [name, about] of Object.entries(way.properties || {})) { keys.set(name, about.description || ""); }
  }
  const options = [...keys].map(([label, detail]) => ({ label, detail, type: "property", apply: `${label}: ` }));
  return options.length ? { from: word.from, options, validFor: /^[\w-]*$/ } : null;
}

// -- looking at the text, and marking what is found ------------------------------------------------------------------

function marks(state, findings) {
  return findings.map((one) => {
    const line = state.doc.line(Math.min(Math.max(one.line, 1), state.doc.lines));
    const from = Math.min(line.from + one.column - 1, line.to);
    const word = /^[\w.'"-]+/.exec(state.sliceDoc(from, line.to));
    const message = one.cure ? `${one.message} — ${one.cure}` : one.message;
    return { from, to: Math.min(from + (word ? word[0].length : 1), line.to), severity: one.severity, message, source: one.code };
  });
}

function listed(findings) {
  const list = document.getElementById("findings");
  list.replaceChildren(...findings.map((one) => {
    const item = document.createElement("li");
    item.className = one.severity;
    const link = document.createElement("a");
    link.href = "#text";
    link.dataset.at = `${one.line}:${one.column}`;
    link.textContent = list.dataset.line.replace("{line}", one.line);
    const kind = document.createElement("strong");
    kind.textContent = list.dataset[one.severity];
    const cure = document.createElement("span");
    cure.className = "quiet";
    cure.textContent = one.cure;
    item.append(link, " ", kind, ` ${one.message} `, cure);
    return item;
  }));
  document.getElementById("good").hidden = findings.length > 0;
  document.getElementById("count").textContent = findings.length || "";
}

function shown(picture) {
  const image = document.getElementById("picture");
  if (picture) { image.src = picture; image.hidden = false; }
  document.getElementById("broken").hidden = Boolean(picture);
  image.classList.toggle("old", !picture);
}

let waiting = 0;
let asked = 0;

async function look(view) {
  const number = (asked += 1);
  const text = view.state.doc.toString();
  const answer = await fetch(form.dataset.look, { method: "POST", body: new URLSearchParams({ text }) });
  if (!answer.ok || number !== asked) { return; }
  const seen = await answer.json();
  if (view.state.doc.toString() !== text) { return; }
  names = seen.names || names;
  view.dispatch(cm.setDiagnostics(view.state, marks(view.state, seen.findings)));
  listed(seen.findings);
  shown(seen.picture);
  prove(text, seen.findings.some((one) => one.severity === "error"));
}

// -- proofs: each claim as soon as the server has its answer; what was asked before is given up ------------------------

const proofs = document.getElementById("proofs");
const sum = document.getElementById("proved-sum");
const unproved = document.getElementById("open-claims");
const proved = document.getElementById("proved-claims");
let proving = null;
let last = null;
proofs.hidden = false;

function claim(told, fresh) {
  if (fresh.first) { unproved.replaceChildren(); proved.replaceChildren(); fresh.first = false; }
  for (const list of [unproved, proved]) { list.classList.remove("old"); }
  (told.answer === "proved" ? proved : unproved).insertAdjacentHTML("beforeend", told.item); // escaped by the server
  document.getElementById("proved").hidden = !proved.children.length;
}

async function* lines(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const all = (rest + part.value).split("\n");
    rest = all.pop();
    yield* all.map((line) => JSON.parse(line));
  }
}

async function prove(text, broken) {
  if (text === last) { return; }
  if (proving) { proving.abort(); }
  for (const list of [unproved, proved]) { list.classList.add("old"); }
  last = broken ? null : text;
  if (broken) { sum.textContent = proofs.dataset.waits; return; }
  const mine = (proving = new AbortController());
  const fresh = { first: true };
  sum.textContent = proofs.dataset.asking;
  try {
    const headers = { accept: "application/x-ndjson" };
    const answer = await fetch(proofs.dataset.ask, { method: "POST", body: new URLSearchParams({ text }), headers, signal: mine.signal });
    if (!answer.ok) { throw new Error(String(answer.status)); }
    for await (const told of lines(answer)) {
      if (mine !== proving) { return; }
      if (told.said) { sum.textContent = told.said; } else { claim(told, fresh); }
    }
  } catch (problem) {
    if (mine === proving && problem.name !== "AbortError") { sum.textContent = proofs.dataset.failed; last = null; }
  }
}

// -- the editor ----------------------------------------------------------------------------------------------------

const kept = document.getElementById("kept");

async function save(view) {
  const text = view.state.doc.toString();
  const body = new URLSearchParams({ text, version: form.elements.version.value });
  const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) { area.value = text; form.submit(); return; } // the page shows both texts; nothing is lost
  saved = text;
  for (const field of document.querySelectorAll("input[name=version]")) { field.value = told.version; }
  kept.textContent = `${kept.dataset.saved} · ${told.version}`;
}

const host = document.getElementById("editor");
host.hidden = false;
area.hidden = true;
document.getElementById("help").hidden = false;
const shadow = host.attachShadow({ mode: "open" }); // its own styles are allowed here, and nowhere else

const view = new cm.EditorView({
  root: shadow,
  parent: shadow,
  state: cm.EditorState.create({
    doc: area.value,
    extensions: [
      cm.lineNumbers(), cm.highlightActiveLineGutter(), cm.highlightSpecialChars(), cm.history(), cm.foldGutter(), cm.drawSelection(), cm.indentOnInput(), cm.bracketMatching(),
      cm.closeBrackets(), cm.highlightActiveLine(), cm.highlightSelectionMatches(), cm.syntaxHighlighting(cm.defaultHighlightStyle, { fallback: true }), cm.lintGutter(), cm.yaml(),
      cm.autocompletion({ override: [complete] }),
      cm.EditorView.contentAttributes.of({ tabindex: "0", "aria-label": document.querySelector("label[for=text]").textContent }),
      cm.keymap.of([
        { key: "Mod-s", run: (each) => { save(each); return true; }, preventDefault: true },
        ...cm.closeBracketsKeymap, ...cm.defaultKeymap, ...cm.searchKeymap, ...cm.historyKeymap, ...cm.foldKeymap, ...cm.completionKeymap, ...cm.lintKeymap, cm.indentWithTab,
      ]),
      cm.EditorView.theme({
        "&": { fontSize: "14px", border: "1px solid #aab0b8", borderRadius: "4px", backgroundColor: "#fff" },
        ".cm-scroller": { fontFamily: "ui-monospace, SFMono-Regular, 'Cascadia Mono', 'Noto Sans Mono', monospace", maxHeight: "74vh", overflow: "auto" },
        "&.cm-focused": { outline: "3px solid #1f4e8c" },
      }),
      cm.EditorView.updateListener.of((update) => {
        if (!update.docChanged) { return; }
        area.value = update.state.doc.toString();
        kept.textContent = kept.dataset.unsaved;
        window.clearTimeout(waiting);
        waiting = window.setTimeout(() => look(view), PAUSE);
      }),
    ],
  }),
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-at]");
  if (!link) { return; }
  event.preventDefault();
  const [number, column] = link.dataset.at.split(":").map(Number);
  const line = view.state.doc.line(Math.min(number, view.state.doc.lines));
  view.dispatch({ selection: { anchor: Math.min(line.from + column - 1, line.to) }, scrollIntoView: true });
  view.focus();
});

form.addEventListener("submit", (event) => {
  if (event.submitter && event.submitter.id !== "save") { return; } // what else is asked of the text, htmx asks
  event.preventDefault();
  event.stopImmediatePropagation();
  save(view);
}, true);
document.body.addEventListener("htmx:afterSwap", () => { document.getElementById("answer").scrollIntoView({ block: "nearest" }); });
window.addEventListener("beforeunload", (event) => { if (area.value !== saved) { event.preventDefault(); } });
look(view);
