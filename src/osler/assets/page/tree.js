// A conversation as a tree: an edited question, or an answer tried again, is a further child of the
// same parent. What is seen is one path through it.

export class Tree {
  constructor(messages = []) {
    this.byId = new Map();
    this.children = new Map([[null, []]]);
    this.chosen = new Map();
    for (const message of messages) this.add(message);
  }

  /** Add a message below its parent, and make it the one that is seen. */
  add(message) {
    this.byId.set(message.id, message);
    this.children.set(message.id, []);
    const parent = this.children.has(message.parent) ? message.parent : null;
    this.children.get(parent).push(message.id);
    this.chosen.set(parent, message.id);
    return message;
  }

  /** Give all messages other ids, for a conversation of their own. */
  rename(newId) {
    const names = new Map([[null, null], ...[...this.byId.keys()].map((id) => [id, newId()])]);
    const renamed = (map, held) => new Map([...map].map(([id, value]) => [names.get(id), held(value)]));
    for (const one of this.byId.values()) Object.assign(one, { id: names.get(one.id), parent: names.get(one.parent) ?? null });
    this.byId = renamed(this.byId, (message) => message);
    this.children = renamed(this.children, (ids) => ids.map((id) => names.get(id)));
    this.chosen = renamed(this.chosen, (id) => names.get(id));
  }

  /** The messages that are seen, from the first to the last. */
  path() {
    const found = [];
    for (let at = this.chosen.get(null); at !== undefined; at = this.chosen.get(at)) found.push(this.byId.get(at));
    return found;
  }

  /** The messages that lead to one, itself included. */
  until(id) {
    const found = [];
    for (let at = this.byId.get(id); at; at = this.byId.get(at.parent)) found.unshift(at);
    return found;
  }

  /** A message's place among those in its stead: `{at, of}`, from 1. */
  place(message) {
    const others = this.children.get(this.#above(message));
    return { at: others.indexOf(message.id) + 1, of: others.length };
  }

  /** See the one before or after a message in its stead. */
  turn(message, step) {
    const parent = this.#above(message), others = this.children.get(parent);
    const to = others.indexOf(message.id) + step;
    if (to >= 0 && to < others.length) this.chosen.set(parent, others[to]);
  }

  /** The message that a new question follows; null at the beginning. */
  get end() {
    return this.path().at(-1)?.id ?? null;
  }

  #above(message) {
    return this.children.has(message.parent) ? message.parent : null;
  }
}
