// Whether this browser can run the application; written so that old browsers understand it too.
(function () {
  'use strict';
  var OLDEST = 'Chrome 或 Edge 109（2023年1月）、Safari 16.4、Firefox 115，或更新的版本';

  function missing() {
    if (!window.isSecureContext) {
      return '这个地址不是加密连接（HTTPS），浏览器不允许使用相机和离线存储。请用单位给的 https:// 地址打开；'
        + '第一次使用要先装上单位的证书。';
    }
    var isOld = !('noModule' in document.createElement('script')) || !window.crypto || !window.crypto.subtle
      || !window.crypto.randomUUID || !window.structuredClone || !window.OffscreenCanvas || !window.AbortSignal
      || !window.AbortSignal.timeout || !('serviceWorker' in navigator) || !navigator.locks
      || !window.CSSStyleSheet || !('adoptedStyleSheets' in document) || !Array.prototype.at || !Object.hasOwn;
    if (isOld) return '这个浏览器太旧，不能用来检查。请换用 ' + OLDEST + '。已存在本机的记录不受影响，更新浏览器后都在。';
    if (!window.indexedDB) return '浏览器不允许本站存储数据，无法离线检查。请退出“无痕”窗口，或在设置里允许本站存储。';
    return null;
  }

  document.documentElement.setAttribute('data-oldest', OLDEST);
  var fault = missing();
  if (!fault) return;
  document.documentElement.setAttribute('data-refused', 'yes');
  document.getElementById('opening').textContent = fault;
}());
