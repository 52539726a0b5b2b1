// The editor of a draft: CodeMirror over the form's own two texts, the definition and its scenarios, which stay the truth.
// After a pause they are looked at by the server, whose findings are marked where they stand. What is completed comes from
// the schema of each and from the names that the definition declares. Without this file the page is a form with two areas.
"use strict";

const form = document.getElementById("draft");
const cm = await import(form.dataset.library);
const [language, scenarios] = await Promise.all([form.dataset.schema, form.dataset.scenarios].map((each) => fetch(each).then((answer) => answer.json())));
const PAUSE = 350;
const sides = { text: { area: document.getElementById("text"), schema: language }, scenarios: { area: document.getElementById("scenarios"), schema: scenarios } };
let side = "text"; // the one that is shown
let names = null;
for (const each of Object.values(sides)) { each.saved = each.area.value; }

// -- the schema, by the keys that lead to a place ------------------------------------------------------------------

function resolved(node) {
  while (node && node.$ref) { node = sides[side].schema.$defs[node.$ref.split("/").pop()]; }
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
  return path.reduce((nodes, step) => nodes.flatMap((node) => below(node, step)), [sides[side].schema]);
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
  do: "triggers", as: "roles", on: "children", opened: "children", notices: "notices", reminded: "deadlines",
};
const KEYS_OF_NAMES = { fields: "record", with: "forms", deadlines: "deadlines" }; // in scenarios

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
    if (all.length) { return { from: word.from, options: all.map((label) => ({ label, type: "constant" })), validFor: /^[\w.'-]*$/ }; }
    if (value) { return null; } // an entry of a list may be a group of keys
  }
  const keys = new Map();
  for (const way of at(path).flatMap(ways)) {
    for (const [name, about] of Object.entries(way.properties || {})) { keys.set(name, about.description || ""); }
  }
  if (names && side === "scenarios" && KEYS_OF_NAMES[last]) { for (const name of names[KEYS_OF_NAMES[last]]) { keys.set(name, ""); } }
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
    return { from, to: Math.min(from + (word ? word[0].length : 1), line.to), severity: one.severity === "note" ? "info" : one.severity, message, source: one.code };
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

function shown(picture, large) {
  const image = document.getElementById("picture");
  if (picture) { image.src = picture; image.hidden = false; }
  document.getElementById("broken").hidden = Boolean(picture) || large;
  document.getElementById("large").hidden = !large;
  image.classList.toggle("old", !picture);
}

let waiting = 0;
let asked = 0;

function marked(name, findings) {
  const state = name === side ? view.state : sides[name].state;
  const change = cm.setDiagnostics(state, marks(state, findings));
  if (name === side) { view.dispatch(change); } else { sides[name].state = state.update(change).state; }
}

const told = (where, what, headers = {}) => fetch(where, { method: "POST", body: new URLSearchParams(what), headers });

async function look() {
  const number = (asked += 1);
  const text = sides.text.area.value;
  prove(text, false); // by another process, at the same time
  run(number);
  const answer = await told(form.dataset.look, { text });
  if (!answer.ok || number !== asked) { return; }
  const seen = await answer.json();
  names = seen.names || names;
  marked("text", seen.findings);
  listed(seen.findings);
  shown(seen.picture, seen.too_large);
  if (seen.findings.some((one) => one.severity === "error")) { prove(text, true); }
}

// -- scenarios: run on the definition as it stands, and told beside it -------------------------------------------------

const trial = document.getElementById("trial-told");
document.getElementById("trial").hidden = false;
document.getElementById("try").hidden = true; // they are run after each pause

async function run(number) {
  const both = { text: sides.text.area.value, scenarios: sides.scenarios.area.value };
  const answer = await told(form.dataset.try, both, { accept: "application/json" });
  if (!answer.ok || number !== asked) { return; }
  const seen = await answer.json();
  if (number !== asked) { return; }
  trial.innerHTML = seen.page; // escaped by the server
  marked("scenarios", seen.findings);
  document.getElementById("tab-count").textContent = seen.findings.length || "";
}

function keep(scenario) {
  const named = /^scenarios:/m.test(sides.text.area.value);
  if (!named) { write("text", `${sides.text.area.value.trimEnd()}\n\nscenarios: [scenarios.yaml]\n`); }
  const before = sides.scenarios.area.value.trimEnd();
  show("scenarios");
  write("scenarios", `${before ? `${before}\n\n` : ""}${scenario.trimEnd()}\n`);
  view.dispatch({ selection: { anchor: before ? before.length + 2 : 0 }, scrollIntoView: true });
  view.focus();
}

function write(name, text) {
  const state = name === side ? view.state : sides[name].state;
  const change = { changes: { from: 0, to: state.doc.length, insert: text } };
  if (name === side) { view.dispatch(change); } else { sides[name].state = state.update(change).state; typed(name, text); }
}

// -- proofs: each claim as soon as the server has its answer; what was asked before is given up ------------------------

const proofs = document.getElementById("proofs");
const sum = document.getElementById("proved-sum");
const unproved = document.getElementById("open-claims");
const proved = document.getElementById("proved-claims");
let proving = null;
let last = null;
proofs.hidden = false;

function claim(proof, fresh) {
  if (fresh.first) { unproved.replaceChildren(); proved.replaceChildren(); fresh.first = false; }
  for (const list of [unproved, proved]) { list.classList.remove("old"); }
  (proof.answer === "proved" ? proved : unproved).insertAdjacentHTML("beforeend", proof.item); // escaped by the server
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
  if (text === last && !broken) { return; }
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
    for await (const each of lines(answer)) {
      if (mine !== proving) { return; }
      if (each.said) { sum.textContent = each.said; } else { claim(each, fresh); }
    }
  } catch (problem) {
    if (mine === proving && problem.name !== "AbortError") { sum.textContent = proofs.dataset.failed; last = null; }
  }
}

// -- the editor ----------------------------------------------------------------------------------------------------

const kept = document.getElementById("kept");

async function save() {
  const both = { text: sides.text.area.value, scenarios: sides.scenarios.area.value };
  const answer = await told(form.action, { ...both, version: form.elements.version.value }, { accept: "application/json" });
  if (!answer.ok) { form.submit(); return; } // the page shows what both have written; nothing is lost
  const { version } = await answer.json();
  for (const name of Object.keys(sides)) { sides[name].saved = both[name]; }
  for (const field of document.querySelectorAll("input[name=version]")) { field.value = version; }
  kept.textContent = `${kept.dataset.saved} · ${version}`;
}

const host = document.getElementById("editor");
host.hidden = false;
document.getElementById("help").hidden = false;
const shadow = host.attachShadow({ mode: "open" }); // its own styles are allowed here, and nowhere else

function typed(name, text) {
  sides[name].area.value = text;
  kept.textContent = kept.dataset.unsaved;
  window.clearTimeout(waiting);
  waiting = window.setTimeout(look, PAUSE);
}

function begun(name) {
  const label = document.querySelector(`label[for=${name}]`);
  sides[name].area.hidden = label.hidden = true;
  return cm.EditorState.create({
    doc: sides[name].area.value,
    extensions: [
      cm.lineNumbers(), cm.highlightActiveLineGutter(), cm.highlightSpecialChars(), cm.history(), cm.foldGutter(), cm.drawSelection(), cm.indentOnInput(), cm.bracketMatching(),
      cm.closeBrackets(), cm.highlightActiveLine(), cm.highlightSelectionMatches(), cm.syntaxHighlighting(cm.defaultHighlightStyle, { fallback: true }), cm.lintGutter(), cm.yaml(),
      cm.autocompletion({ override: [complete] }),
      cm.EditorView.lineWrapping,
      cm.EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label.textContent }),
      cm.keymap.of([
        { key: "Mod-s", run: () => { save(); return true; }, preventDefault: true },
        ...cm.closeBracketsKeymap, ...cm.defaultKeymap, ...cm.searchKeymap, ...cm.historyKeymap, ...cm.foldKeymap, ...cm.completionKeymap, ...cm.lintKeymap, cm.indentWithTab,
      ]),
      cm.EditorView.theme({
        "&": { fontSize: "14px", border: "1px solid #aab0b8", borderRadius: "4px", backgroundColor: "#fff" },
        ".cm-scroller": { fontFamily: "ui-monospace, SFMono-Regular, 'Cascadia Mono', 'Noto Sans Mono', monospace", maxHeight: "74vh", minHeight: "16rem", overflow: "auto" },
        "&.cm-focused": { outline: "3px solid #1f4e8c" },
      }),
      cm.EditorView.updateListener.of((update) => { if (update.docChanged) { typed(name, update.state.doc.toString()); } }),
    ],
  });
}

for (const name of Object.keys(sides)) { sides[name].state = begun(name); }
const view = new cm.EditorView({ root: shadow, parent: shadow, state: sides.text.state });

const tabs = document.getElementById("tabs");
tabs.hidden = false;

function show(name) {
  if (name === side) { return; }
  sides[side].state = view.state;
  side = name;
  view.setState(sides[name].state);
  for (const tab of tabs.children) {
    tab.setAttribute("aria-selected", String(tab.dataset.side === name));
    tab.tabIndex = tab.dataset.side === name ? 0 : -1;
  }
}

tabs.addEventListener("click", (event) => { const tab = event.target.closest("[role=tab]"); if (tab) { show(tab.dataset.side); } });
tabs.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") { return; }
  show(side === "text" ? "scenarios" : "text");
  document.getElementById(`tab-${side}`).focus();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-at]");
  if (!link) { return; }
  event.preventDefault();
  show(link.dataset.side || "text");
  const [number, column] = link.dataset.at.split(":").map(Number);
  const line = view.state.doc.line(Math.min(number, view.state.doc.lines));
  view.dispatch({ selection: { anchor: Math.min(line.from + column - 1, line.to) }, scrollIntoView: true });
  view.focus();
});

form.addEventListener("submit", (event) => {
  const by = event.submitter;
  if (by && by.id !== "save" && by.name !== "scenario") { return; } // what else is asked of the texts, htmx asks
  event.preventDefault();
  event.stopImmediatePropagation();
  if (by && by.name === "scenario") { keep(by.value); } else { save(); }
}, true);
document.body.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "answer") { document.getElementById("answer").scrollIntoView({ block: "nearest" }); } });
window.addEventListener("beforeunload", (event) => { if (Object.values(sides).some((each) => each.area.value !== each.saved)) { event.preventDefault(); } });
look();
