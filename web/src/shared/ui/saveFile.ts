// Hands a file to the browser as a download.

/** Save *content* under *name*. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken the address by the next turn; Safari wants a little more time.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 10_000);
}
