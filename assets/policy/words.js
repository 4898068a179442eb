// The editor's words. Its texts are written in Chinese; English stands in english.js.
import { ENGLISH } from './english.js';

export const english = document.documentElement.lang.startsWith('en');

/** `t('已保存 {time}', {time})` in the page's language. */
export function t(chinese, values = {}) {
  const text = english ? ENGLISH[chinese] ?? chinese : chinese;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A text that comes in both languages: `{zh_CN, en}`. */
export function say(text) {
  if (!text || typeof text === 'string') return text ?? '';
  return (english ? text.en : text.zh_CN) || text.zh_CN || text.en || '';
}
