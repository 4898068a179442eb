// <button type="button" data-locate="lat-id lon-id accuracy-id">: fill in where the phone is.

function locate(button) {
  const inputs = button.dataset.locate.split(' ').map((id) => document.getElementById(id));
  button.disabled = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const values = [coords.latitude.toFixed(6), coords.longitude.toFixed(6), Math.round(coords.accuracy)];
      inputs.forEach((input, index) => {
        if (!input) return;
        input.value = values[index];
        input.dispatchEvent(new Event('input', { bubbles: true }));
      });
      button.disabled = false;
    },
    () => {
      button.disabled = false;
      button.setCustomValidity(button.dataset.failed ?? '');
      button.reportValidity();
    },
    { enableHighAccuracy: true, timeout: 15_000 },
  );
}

export function startLocating(part) {
  for (const button of part.querySelectorAll('[data-locate]')) {
    if (!navigator.geolocation || button.dataset.ready) continue;
    button.dataset.ready = 'yes';
    button.hidden = false;  // without a script there is nothing it could do
    button.addEventListener('click', () => locate(button));
  }
}
