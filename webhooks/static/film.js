// Plays a film: goes on to the next step after a while, unless the person leaves the page or asked for less motion.
const next = document.querySelector('[data-next]');
if (next && window.matchMedia('(prefers-reduced-motion: reduce)').matches) {
  next.textContent = 'This device asks for less motion, so nothing goes on by itself here: choose Next.';
} else if (next) {
  const waiting = window.setTimeout(() => { window.location.replace(next.dataset.next); }, 4000);
  // Stop, and any other way out, counts from the press on: the page that was asked for may take its time to come.
  const stay = (event) => { if (event.target.closest('a[href], button, form')) window.clearTimeout(waiting); };
  document.addEventListener('click', stay, true);
  document.addEventListener('submit', stay, true);
  window.addEventListener('pagehide', () => window.clearTimeout(waiting));
}
