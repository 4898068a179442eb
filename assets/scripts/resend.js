// <form data-resend>: what waited for the proof of who sits there goes on by itself.

export function startResending() {
  document.querySelector('form[data-resend]')?.requestSubmit();
}
