/** What an expression is worth in another realm, whose objects have other prototypes. */
export function inOtherRealm(expression: string): unknown {
  const frame = document.createElement("iframe");
  document.body.append(frame);
  try {
    return (frame.contentWindow as unknown as { eval(code: string): unknown }).eval(expression);
  } finally {
    frame.remove();
  }
}
