// What a page does beyond HTML: no form is sent twice, rows of a table field are added and taken away, a form that
// asks for it is sent when a choice changes, a slider over time says its day, and a page that asks for it is looked at again. Every page works without it.
"use strict";

document.documentElement.classList.add("scripted");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method === "post") { form.dataset.sent = "1"; }
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) { delete form.dataset.sent; }
});

for (const part of document.querySelectorAll("[data-look-again]")) {
  window.setTimeout(() => window.location.reload(), 1000 * Number(part.dataset.lookAgain));
}

document.addEventListener("change", (event) => {
  if (event.target.closest("[data-send-on-change]")) { event.target.form.requestSubmit(); }
});

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add-row]");
  if (!add) { return; }
  event.preventDefault();
  const rows = document.getElementById(add.dataset.addRow);
  const last = rows.lastElementChild;
  const row = last.cloneNode(true);
  const number = Number(last.dataset.row);
  row.dataset.row = String(number + 1);
  for (const field of row.querySelectorAll("[name]")) {
    field.name = field.name.replace(`.${number}.`, `.${number + 1}.`);
    field.value = "";
  }
  rows.append(row);
  row.querySelector("[name]").focus();
});

document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-check-all]");
  if (!all) { return; }
  for (const one of document.querySelectorAll(`input[type=checkbox][form="${all.dataset.checkAll}"]`)) { one.checked = all.checked; }
});

document.addEventListener("input", (event) => {
  const days = event.target.closest("input[data-days]");
  if (!days) { return; }
  const day = new Date((Number(days.value) - 719163) * 86400000).toISOString().slice(0, 10);  // 719163: 1970-01-01, as Python counts
  days.setAttribute("aria-valuetext", day);
  days.form.querySelector("output").textContent = day;
});
