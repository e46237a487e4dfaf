const GAP_PX = 6;

/** Puts an open popover below what opened it, or above where there is no room, within the window. */
export function placeBelow(popover: HTMLElement, opener: HTMLElement | null): void {
  if (opener === null || !popover.matches(':popover-open')) return;
  const at = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = at.bottom + GAP_PX;
  const top = below + height <= innerHeight ? below : Math.max(GAP_PX, at.top - GAP_PX - height);
  const left = Math.min(Math.max(GAP_PX, at.left), document.documentElement.clientWidth - width - GAP_PX);
  popover.style.top = `${top}px`;
  popover.style.left = `${left}px`;
}
