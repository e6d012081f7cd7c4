/* Looks every three seconds whether the lab still stands, and says in words when not. Without this script the page
   works too: a lab that is gone then answers in its frame. Nothing that the frame says is listened to. */
"use strict";
(function () {
  const here = document.currentScript.dataset;
  const shown = here.name;
  const frame = document.getElementById("frame");
  const panel = document.getElementById("panel");
  const notice = document.getElementById("notice");

  function say(sentence, login) {
    if (frame) { frame.remove(); }
    document.getElementById("sentence").textContent = sentence;
    if (login) {
      const door = document.createElement("a");
      door.className = "usa-button usa-button--big";
      door.href = window.location.pathname;
      door.textContent = "Log in again";
      document.getElementById("doors").replaceChildren(door);
    }
    panel.hidden = false;
  }

  function hint(sentence) {
    notice.textContent = sentence;
    notice.hidden = !sentence;
  }

  async function look() {
    let answer;
    try {
      answer = await fetch(here.state, { headers: { Accept: "application/json" }, redirect: "error" });
    } catch (problem) {
      hint("The portal does not answer; trying again.");
      return true;
    }
    if (answer.status === 401) { say("Your session has expired.", true); return false; }
    if (!answer.ok) { hint("The portal does not answer; trying again."); return true; }
    const state = await answer.json();
    hint(state.notice || "");
    document.getElementById("jobs").textContent = state.jobs || "none";
    if (state.name === shown) { return true; }
    if (shown === "ready" && state.name === "closed") { say(state.sentence, false); return false; }
    window.location.reload();
    return false;
  }

  async function rounds() {
    if (await look()) { window.setTimeout(rounds, 3000); }
  }
  if (shown === "ready" || shown === "starting" || shown === "stopping") { window.setTimeout(rounds, 2000); }
})();
