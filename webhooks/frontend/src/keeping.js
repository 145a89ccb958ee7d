// Keeps what somebody draws: saved after a few seconds of rest, never over what they have not seen, never lost with a
// closed tab.
//
// What is not saved yet lies in the browser's own store (a pathway holds no facts of any child) and is offered again.
const REST = 2500; // ms without a change before the file is saved
const DEBOUNCE = 400; // ms after which a field of a properties panel has told the editor what was typed

const words = (tag, text, className = '') => {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
};
const rest = (ms) => new Promise((done) => setTimeout(done, ms));

export async function ask(address, body, token) {
  const answer = await fetch(address, {
    method: body ? 'POST' : 'GET',
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      ...(body ? { 'Content-Type': 'application/json', 'X-CSRFToken': token } : {}),
    },
    body: body ? JSON.stringify(body) : undefined,
  });
  let said = {};
  try {
    said = await answer.json();
  } catch {
    said = { detail: `The service answered ${answer.status}.` };
  }
  return { ok: answer.ok, status: answer.status, said };
}

export class Keeping {
  // room: the page's element with its addresses; text: gives what stands in the editor now, as text;
  // show: puts a text into the editor; told: hears what the service said after opening and after each save.
  constructor(room, { text, show, told }) {
    Object.assign(this, { room, text, show, told });
    this.path = room.dataset.path;
    this.token = room.dataset.token;
    this.store = `unsaved ${room.dataset.person} ${room.dataset.keep} ${this.path}`;
    this.status = document.querySelector('[data-status]');
    this.beside = document.querySelector('[data-beside]');
    this.seen = 0;
    this.dirty = false;
    this.typed = false; // somebody typed what the editor has not been told yet
    this.letters = 0; // typed so far, in whichever field
    this.quiet = true;
    document.querySelector('[data-save]')?.addEventListener('click', () => this.save(true));
    room.addEventListener('input', (event) => this.typing(event.target), true);
    room.addEventListener('focusout', () => setTimeout((letters) => this.fieldLeft(letters), DEBOUNCE, this.letters), true);
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
        event.preventDefault();
        this.save(true);
      }
    });
    window.addEventListener('beforeunload', (event) => {
      if (this.typed) document.activeElement?.blur(); // a field that is left tells the editor at once what was typed
      if (this.typed || this.dirty) {
        this.leave().catch(() => {});
        event.preventDefault();
      }
    });
  }

  async open() {
    const { ok, said } = await ask(this.room.dataset.opened);
    if (!ok) throw new Error(said.detail || 'The file could not be opened.');
    this.seen = said.seen;
    this.editable = said.editable;
    this.opened = said.body;
    await this.show(said.body, said);
    this.told(said);
    this.say(said.editable ? 'Nothing to save.' : 'Only to be looked at.');
    const left = this.left();
    if (left && left.body !== said.body && this.editable) this.offer(left, said);
    await rest(200);
    this.quiet = false; // what the editor does while it opens is no change of anybody's
    document.documentElement.dataset.editor = 'ready';
    return said;
  }

  say(text, state = '') {
    this.status.textContent = text;
    this.status.dataset.status = state;
  }

  left() {
    try {
      return JSON.parse(localStorage.getItem(this.store));
    } catch {
      return null;
    }
  }

  async leave() {
    const body = await this.text();
    try {
      localStorage.setItem(this.store, JSON.stringify({ body, seen: this.seen, at: new Date().toISOString() }));
      document.documentElement.dataset.keptHere = 'yes';
    } catch {
      this.say('Not saved yet, and this browser keeps nothing. Leave the page open.', 'unsaved');
    }
    return body;
  }

  changed() {
    if (this.quiet || !this.editable) return;
    this.dirty = true;
    this.typed = false;
    this.say('Not saved yet.', 'unsaved');
    clearTimeout(this.leaving);
    clearTimeout(this.timer);
    this.leaving = setTimeout(() => this.leave().catch(() => {}), 300);
    if (!this.clash) this.timer = setTimeout(() => this.save(), REST);
  }

  // Whoever is in the middle of a word is not at rest: a save that waits goes on waiting. What was typed counts from the
  // first letter on, though a panel's field tells the editor of it only later.
  typing(field) {
    this.letters += 1;
    if (!this.quiet && this.editable && !this.typed && !field.closest?.('.djs-popup, .cm-panel')) {
      this.typed = true;
      this.before = [this.status.textContent, this.status.dataset.status];
      this.say('Not saved yet.', 'unsaved');
    }
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), REST);
  }

  // A field was left, and what was typed in it changed nothing. What was typed since then stands in another field.
  fieldLeft(letters) {
    if (!this.typed || letters !== this.letters) return;
    this.typed = false;
    if (!this.dirty) this.say(...this.before);
  }

  // asked: somebody pressed a button or keys for it; else it comes by itself, and takes nobody out of their field.
  async save(asked = false) {
    clearTimeout(this.timer);
    this.timer = null;
    if (!this.editable || this.clash) return;
    if (this.saving) {
      this.again = true;
      return;
    }
    this.saving = true;
    try {
      // A panel's field tells the editor what was typed when it is left, or a little later.
      const at = document.activeElement;
      if (asked && at && at.closest('.bio-properties-panel, .fjs-properties-panel')) {
        at.blur();
        await rest(DEBOUNCE);
        at.focus();
      }
      if (!this.dirty) {
        this.say('Everything is saved.', 'saved');
        return;
      }
      this.dirty = false;
      clearTimeout(this.leaving);
      const body = await this.leave();
      this.say('Saving …', 'saving');
      await this.send(body);
    } catch {
      this.dirty = true;
      this.say('Not saved: the service could not be reached. It is tried again.', 'unsaved');
      this.timer = setTimeout(() => this.save(), 4 * REST);
    } finally {
      this.saving = false;
      if (this.again) {
        this.again = false;
        this.changed();
      }
    }
  }

  async send(body) {
    const { ok, status, said } = await ask(
      this.room.dataset.kept, { path: this.path, body, seen: this.seen }, this.token,
    );
    if (ok) {
      this.seen = said.seen;
      if (!this.dirty) localStorage.removeItem(this.store);
      this.say(`Saved at ${new Date().toLocaleTimeString('en-GB', { timeStyle: 'short' })}.`, 'saved');
      this.told(said);
      return;
    }
    this.dirty = true;
    if (status === 409) {
      const now = await ask(this.room.dataset.opened);
      if (now.ok && now.said.seen !== this.seen) {
        this.both(body, now.said);
        return;
      }
    }
    this.say(`Not saved. ${said.detail || said.title || ''}`, 'unsaved');
    this.told({ refused: said.findings || [] });
  }

  // Somebody else saved meanwhile: both are shown, and the person says which one goes on. Every saved version is kept.
  both(mine, theirs) {
    this.clash = true;
    this.say(`Not saved: ${theirs.by || 'somebody else'} saved this file since you opened it.`, 'clash');
    const box = words('section', '', 'app-both');
    box.setAttribute('aria-labelledby', 'both-heading');
    const heading = words('h2', 'Two people changed this file', 'govuk-heading-m');
    heading.id = 'both-heading';
    heading.tabIndex = -1;
    box.append(heading, words(
      'p', `${theirs.by || 'Somebody else'} saved version ${theirs.seen} while you worked. Nothing is lost: their `
        + 'version is saved, and yours is kept in this browser until you choose.', 'govuk-body',
    ));
    const otherwise = words('div', '', 'app-both__differences');
    otherwise.append(words('p', 'What differs is being looked for …', 'govuk-body'));
    ask(this.room.dataset.differences, { path: this.path, body: mine }, this.token)
      .then(({ ok, said }) => (ok ? said.differences : null), () => null)
      .then((found) => listDifferences(otherwise, found, theirs.by || 'Somebody else'));
    const whole = words('details', '', 'govuk-details');
    const summary = words('summary', '', 'govuk-details__summary');
    summary.append(words('span', 'Both files as they are written', 'govuk-details__summary-text'));
    const pair = words('div', '', 'app-both__pair govuk-details__text');
    whole.append(summary, pair);
    for (const [name, text] of [['Yours', mine], ['Theirs', theirs.body]]) {
      const one = words('div', '');
      const label = words('label', name, 'govuk-label govuk-label--s');
      const area = document.createElement('textarea');
      area.id = `both-${name.toLowerCase()}`;
      label.htmlFor = area.id;
      area.className = 'govuk-textarea app-both__text';
      area.readOnly = true;
      area.rows = 12;
      area.value = text;
      one.append(label, area);
      pair.append(one);
    }
    const buttons = words('div', '', 'govuk-button-group');
    const end = () => {
      this.clash = false;
      box.remove();
    };
    this.button(buttons, 'Keep yours as the newest version', async () => {
      end();
      this.seen = theirs.seen;
      this.dirty = true;
      await this.save();
    });
    this.button(buttons, 'Go on with theirs', async () => {
      end();
      this.seen = theirs.seen;
      this.dirty = false;
      localStorage.removeItem(this.store);
      await this.into(theirs.body, theirs);
      this.told(theirs);
      this.say('Their version is shown.', 'saved');
    });
    box.append(otherwise, buttons, whole);
    this.beside.prepend(box);
    heading.focus();
  }

  // What was typed before a tab was closed.
  offer(left, said) {
    const box = words('section', '', 'app-both');
    const heading = words('h2', 'You have changes here that were not saved', 'govuk-heading-m');
    heading.id = 'left-heading';
    box.setAttribute('aria-labelledby', heading.id);
    box.dataset.left = 'yes';
    const when = new Date(left.at).toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short' });
    const since = left.seen === said.seen ? '' : ' The file was saved since then: look at both before you save.';
    box.append(heading, words('p', `They were made on ${when}.${since}`, 'govuk-body'));
    const buttons = words('div', '', 'govuk-button-group');
    this.button(buttons, 'Take them up again', async () => {
      box.remove();
      await this.into(left.body, said);
      this.seen = left.seen;
      this.dirty = true;
      await this.save();
    });
    this.button(buttons, 'Throw them away', () => {
      box.remove();
      localStorage.removeItem(this.store);
    });
    box.append(buttons);
    this.beside.prepend(box);
  }

  async into(body, said) {
    this.quiet = true;
    await this.show(body, said);
    await rest(200);
    this.quiet = false;
  }

  button(place, text, action) {
    const button = words('button', text, 'govuk-button govuk-button--secondary');
    button.type = 'button';
    button.addEventListener('click', action);
    place.append(button);
  }
}

// What two versions have otherwise, in the words of a comparison: what the other says, and what stands here.
function listDifferences(place, found, other) {
  if (!found) {
    place.replaceChildren(words('p', 'What differs could not be worked out: look at both files below.', 'govuk-body'));
    return;
  }
  const list = words('ul', '', 'govuk-list govuk-list--bullet');
  for (const { state, what, title, aspects } of found) {
    const line = words('li', `${what[0].toUpperCase()}${what.slice(1)} “${title}”`);
    if (state === 'added') line.append(' is only in yours.');
    else if (state === 'removed') line.append(` is only in the version of ${other}.`);
    else if (!aspects.length) line.append(' is not the same.');
    else {
      line.append(': ', aspects.map(({ name, theirs, yours }) => (
        `${name}: ${other} has “${theirs || 'nothing'}”, you have “${yours || 'nothing'}”`
      )).join('; '), '.');
    }
    list.append(line);
  }
  const said = found.length ? 'What differs:' : 'Both say the same, but for how they are drawn or written.';
  place.replaceChildren(words('p', said, 'govuk-body'), ...(found.length ? [list] : []));
}

// The findings of the engine's checks as a list; `show` leads to the place that a finding names.
export function listFindings(place, findings, { path, show, none }) {
  place.replaceChildren();
  const here = findings.filter((one) => one.file === path);
  const elsewhere = findings.filter((one) => one.file !== path);
  if (!here.length) place.append(words('p', none || 'The checks find nothing against this file.', 'govuk-body'));
  const list = words('ol', '', 'govuk-list app-findings');
  for (const one of here) {
    const line = words('li', '', 'app-finding');
    line.dataset.severity = one.severity;
    const tag = words('strong', one.severity === 'refusal' ? 'Must be mended' : 'Advice', 'govuk-tag');
    tag.classList.add(one.severity === 'refusal' ? 'govuk-tag--red' : 'govuk-tag--yellow');
    line.append(tag, ' ');
    const name = one.name || one.place;
    if (name && show && show.knows(one.place)) {
      const button = words('button', name, 'app-link-button');
      button.type = 'button';
      button.addEventListener('click', () => show(one.place));
      line.append(button, ': ');
    } else if (name) line.append(words('strong', `${one.name && one.place && one.name !== one.place ? `${one.name} (${one.place})` : name}: `));
    line.append(one.message, ' ', words('span', one.mend, 'app-finding__mend'));
    list.append(line);
  }
  if (here.length) place.append(list);
  if (elsewhere.length) {
    const more = words('details', '', 'govuk-details');
    const summary = words('summary', '', 'govuk-details__summary');
    summary.append(words('span', `In other files: ${elsewhere.length}`, 'govuk-details__summary-text'));
    const text = words('div', '', 'govuk-details__text');
    for (const one of elsewhere) {
      text.append(words('p', `${one.file}: ${one.name || one.place || ''} ${one.message} ${one.mend}`, 'govuk-body-s'));
    }
    more.append(summary, text);
    place.append(more);
  }
}

export function failed(reason) {
  const status = document.querySelector('[data-status]');
  status.textContent = `The editor could not be opened. ${reason.message} The same file can be changed on plain pages.`;
  status.dataset.status = 'unsaved';
  document.documentElement.dataset.editor = 'failed';
  console.error(reason);
}
