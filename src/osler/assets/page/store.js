// What the browser keeps for the page. What it refuses (it may be told to, or be full) holds for this
// visit all the same.

class Store {
  #refused = new Map();

  /** `area`: the name of one of the browser's stores; to ask for it may be refused already. */
  constructor(area) {
    this.area = area;
  }

  get(key) {
    if (this.#refused.has(key)) return this.#refused.get(key);
    try {
      return window[this.area].getItem(key);
    } catch {
      return null;
    }
  }

  /** Keep a text; null for nothing. */
  set(key, value) {
    try {
      if (value === null) window[this.area].removeItem(key);
      else window[this.area].setItem(key, value);
      this.#refused.delete(key);
    } catch {
      this.#refused.set(key, value);
    }
  }
}

/** Of this browser, for good. */
export const browser = new Store("localStorage");

/** Of this tab, until it is closed. */
export const tab = new Store("sessionStorage");
