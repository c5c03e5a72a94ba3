// The page behind an invitation's link: whoever has it chooses a password, once. What stands behind the # of the address is
// the link's secret; it leaves the browser only in the bodies of these two requests.
"use strict";

const texts = {
  en: {
    name: "Your name, to log in with",
    password: "Password, at least 10 characters",
    again: "The same password again",
    button: "Go",
    welcome: name => name === null ? "You will be the owner." : `Welcome, ${name}.`,
    differ: "The two passwords differ.",
    done: name => `You are logged in as ${name}.`,
    unreachable: "The server cannot be reached.",
  },
  ko: {
    name: "로그인할 때 쓸 이름",
    password: "비밀번호, 10자 이상",
    again: "비밀번호 다시 입력",
    button: "시작",
    welcome: name => name === null ? "첫 소유자가 됩니다." : `${name} 님, 환영합니다.`,
    differ: "두 비밀번호가 다릅니다.",
    done: name => `${name} 님으로 로그인했습니다.`,
    unreachable: "서버에 연결할 수 없습니다.",
  },
};
const text = texts[navigator.language.startsWith("ko") ? "ko" : "en"];
const link = location.hash.slice(1);
const form = document.querySelector("form");
const button = form.querySelector("button");

function say(words) {
  document.querySelector("#said").textContent = words;
}

// The answer's body; an error with the server's words where it refused.
async function ask(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    throw new Error(text.unreachable);
  }
  const said = await answer.json();
  if (!answer.ok) {
    throw new Error([said.detail, said.hint].filter(Boolean).join(". "));
  }
  return said;
}

async function begin() {
  document.documentElement.lang = text === texts.ko ? "ko" : "en";
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = text[place.dataset.text];
  }
  button.textContent = text.button;
  const { name } = await ask("/api/setup/check", { link });
  document.querySelector("#name-field").hidden = name !== null;
  form.elements.name.required = name === null;
  say(text.welcome(name));
  form.hidden = false;
}

async function choose() {
  const { name, password, again } = form.elements;
  if (password.value !== again.value) {
    throw new Error(text.differ);
  }
  const me = await ask("/api/setup", { link, name: name.value, password: password.value });
  form.hidden = true;
  history.replaceState(null, "", location.pathname);
  say(text.done(me.name));
}

form.addEventListener("submit", event => {
  event.preventDefault();
  button.disabled = true;
  choose().catch(error => say(error.message)).finally(() => { button.disabled = false; });
});
begin().catch(error => say(error.message));
