// The script of pages on which somebody signs.
import { startLinks, startSigning } from '../scripts/signing.js';

startSigning(document);
startLinks(document);
