const key = "crossbus-theme";

/** Has a button switch between light and dark. Until it does, the page follows the system. */
export function themeButton(button: HTMLButtonElement): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = read();

  function apply(): void {
    const isDark = chosen === undefined ? system.matches : chosen === "dark";
    if (chosen === undefined) {
      delete document.documentElement.dataset["theme"];
    } else {
      document.documentElement.dataset["theme"] = chosen;
    }
    button.ariaPressed = String(isDark);
  }

  button.addEventListener("click", () => {
    chosen = button.ariaPressed === "true" ? "light" : "dark";
    try {
      localStorage.setItem(key, chosen);
    } catch {
      // It holds for this page, then.
    }
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}

function read(): "light" | "dark" | undefined {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : undefined;
  } catch {
    return undefined;
  }
}
