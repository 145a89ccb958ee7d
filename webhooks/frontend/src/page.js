// Every page: the GOV.UK and MOJ components wake up. Without this script every task of a caseworker still works.
import { initAll as wakeGovuk } from '../node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js';
import { initAll as wakeMoj } from '../node_modules/@ministryofjustice/frontend/moj/moj-frontend.min.js';

// The components refuse to start without the class that the template's inline script sets; setting it here lets the
// page do without an inline script.
document.body.classList.add('js-enabled');
if ('noModule' in HTMLScriptElement.prototype) document.body.classList.add('govuk-frontend-supported');

wakeGovuk();
wakeMoj();
document.documentElement.dataset.ready = 'page';
