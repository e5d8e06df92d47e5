import { dispose } from "../../src/base/dispose.js";

/** What tells of a page, or of a part of it. */
interface Target {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** A page that goes on at a word: where there is one it is that, and elsewhere one that is made up for the test. */
export interface TestPage {
  /** How many listen for its events. Of a page that is made up only: a real one doesn't tell. */
  readonly listeners: number | undefined;
  /** Tells that the network is there again. */
  online(): void;
  /** Tells that the page is shown again, or in the other case isn't. */
  shown(isVisible?: boolean): void;
  [dispose](): void;
}

/** Gives the page that tests run in, or puts one in the place of what Node doesn't have. */
export function testPage(): TestPage {
  if (typeof document !== "undefined") {
    const setVisibility = (state: string | undefined) =>
      state === undefined
        ? Reflect.deleteProperty(document, "visibilityState")
        : Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    return {
      listeners: undefined,
      online: () => globalThis.dispatchEvent(new Event("online")),
      shown(isVisible = true) {
        setVisibility(isVisible ? "visible" : "hidden");
        document.dispatchEvent(new Event("visibilitychange"));
      },
      [dispose]: () => void setVisibility(undefined),
    };
  }
  const [page, inner] = [new CountedTarget(), Object.assign(new CountedTarget(), { visibilityState: "visible" })];
  const own: Target & { readonly document: Target } = {
    addEventListener: (type, listener) => page.addEventListener(type, listener),
    removeEventListener: (type, listener) => page.removeEventListener(type, listener),
    document: inner,
  };
  for (const [name, value] of Object.entries(own)) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  return {
    get listeners() {
      return page.count + inner.count;
    },
    online: () => page.dispatchEvent(new Event("online")),
    shown(isVisible = true) {
      inner.visibilityState = isVisible ? "visible" : "hidden";
      inner.dispatchEvent(new Event("visibilitychange"));
    },
    [dispose]() {
      for (const name of Object.keys(own)) {
        Reflect.deleteProperty(globalThis, name);
      }
    },
  };
}

class CountedTarget extends EventTarget {
  count = 0;

  override addEventListener(type: string, listener: () => void): void {
    this.count++;
    super.addEventListener(type, listener);
  }

  override removeEventListener(type: string, listener: () => void): void {
    this.count--;
    super.removeEventListener(type, listener);
  }
}
