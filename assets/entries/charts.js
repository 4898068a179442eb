// The trend of the figures page: lines drawn from the table beside them, which stays the truth.
import { startTrend } from '../scripts/trend.js';

for (const place of document.querySelectorAll('[data-trend]')) startTrend(place);
