// Puts off what would move the page until the pointer is up: an error that appears between press and release
// pushes the pressed control away, and the click is lost.
let isDown = false;
let waiting: (() => void)[] = [];

function released(): void {
  isDown = false;
  const due = waiting;
  waiting = [];
  setTimeout(() => {
    due.forEach((run) => {
      run();
    });
  }, 0);
}

window.addEventListener(
  "pointerdown",
  () => {
    isDown = true;
  },
  true,
);
window.addEventListener("pointerup", released, true);
window.addEventListener("pointercancel", released, true);

/** Run now, or right after the click that is under way. */
export function whenPointerIsUp(run: () => void): void {
  if (isDown) waiting.push(run);
  else run();
}
