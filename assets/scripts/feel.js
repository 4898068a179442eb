// FEEL in the page, for what a form shows while one fills it in; the server judges with its own.
import { evaluate } from 'feelin';

/** Whether a condition holds; a broken one shows the field, as a page without scripts does. */
export function holds(expression, answers) {
  try {
    return evaluate(expression, answers).value === true;
  } catch {
    return true;
  }
}
