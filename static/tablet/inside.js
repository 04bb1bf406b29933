// What is behind the door: work, sync, and every screen of them. Loaded after the first screen stands.

export { Work } from './work.js';
export { Sync } from './sync.js';
export { forgetAddresses } from './photos.js';
export { Today } from './ui/today.js';
export { Visit } from './ui/visit.js';
export { DevicePage } from './ui/device_page.js';
export { Unplanned } from './ui/unplanned.js';
