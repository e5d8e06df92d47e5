/** The conversation as it is shown. */
export interface Chat {
  /** Shows a turn of the customer's. `isKept` says that it waits for the connection. */
  mine(text: string, isKept: boolean): void;
  /** Shows a piece of the assistant's reply. */
  piece(text: string): void;
  /** The reply is complete. */
  complete(text: string): void;
  /** The assistant thinks, or doesn't any more: a reply that has begun won't be completed. */
  waits(waits: boolean): void;
  /** What waited for the connection has been sent, or never will be. */
  settled(isSent: boolean): void;
}

/** How many lines of the conversation are shown; beyond that the oldest go. */
const maxLines = 200;

/** Shows a conversation in a log. What is complete is said in `said`, for those who hear it. */
export function chat(log: HTMLElement, said: HTMLElement, placeholder: HTMLElement): Chat {
  let reply: HTMLElement | undefined;
  // So that it can be scrolled with the keyboard.
  log.tabIndex = 0;
  const dots = line("them dots", "");
  dots.ariaLabel = "The assistant is answering";
  dots.role = "img";
  for (let index = 0; index < 3; index++) {
    dots.appendChild(document.createElement("i"));
  }

  function line(className: string, text: string): HTMLElement {
    const element = document.createElement("p");
    element.className = className;
    element.textContent = text;
    return element;
  }

  function show(element: HTMLElement): void {
    placeholder.remove();
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    if (dots.isConnected) {
      dots.before(element);
    } else {
      log.appendChild(element);
    }
    while (log.childElementCount > maxLines) {
      log.firstElementChild?.remove();
    }
    toEnd(isAtEnd);
  }

  function toEnd(isAtEnd: boolean): void {
    if (isAtEnd) {
      log.scrollTop = log.scrollHeight;
    }
  }

  return {
    mine(text, isKept) {
      const element = line("me", text);
      element.toggleAttribute("data-kept", isKept);
      show(element);
      log.scrollTop = log.scrollHeight;
    },
    piece(text) {
      const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
      dots.remove();
      if (reply === undefined) {
        reply = line("them streaming", "");
        show(reply);
      }
      reply.textContent += text;
      toEnd(isAtEnd);
    },
    complete(text) {
      dots.remove();
      reply?.classList.remove("streaming");
      reply = undefined;
      said.textContent = `Assistant: ${text}`;
    },
    waits(waits) {
      if (!waits) {
        dots.remove();
        reply?.classList.remove("streaming");
        reply?.toggleAttribute("data-cut", true);
        reply = undefined;
      } else if (reply === undefined && !dots.isConnected) {
        log.appendChild(dots);
        log.scrollTop = log.scrollHeight;
      }
    },
    settled(isSent) {
      for (const element of log.querySelectorAll("[data-kept]")) {
        element.removeAttribute("data-kept");
        element.toggleAttribute("data-lost", !isSent);
      }
    },
  };
}
