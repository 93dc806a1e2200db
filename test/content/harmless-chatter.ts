// Whole harmless lines: small talk, near misses of what the policy forbids, and what people paste.

export const chatter: readonly string[] = `
ok
k
?
...
:-)
¯\\_(ツ)_/¯
brb, door
the night in gales was long, we slept in the hall
two knights in a gallery
iron, clad in leather
wear the silver, lake house keys are in the drawer
black thorns and red willows in the garden
copper heads the list of prices today
snow, goose feathers and a red scarf
the storm, petrol prices and other news
long, shadowy corridors in the old wing
quick, silver or gold?
winter fell early this year
mari, gold is up again
king, fisher and sons are our solicitors
a falcon; ridge tents; two lamps
thunder ahead of us, take an umbrella
white, water-based paint please
sand, pipes and cement arrive at 8
man, drake is on tour again
the moon raked the water
salt, marsh mallows, chocolate
tide, water and wind tables are on the wall
wolf's bane of a morning
yellow knife in the kitchen drawer, careful
drift, wood and nets on the beach
ever green or ever blue? for the hedges
the load stone by stone
therapist at ten, the rapist in the film was scary
he was starring and I was staring
planning the planing of the planks
modern modems for a modest sum
the barn door will burn bum notes
illicit lilli illness ill will
pen island is not a company
who represents the experts exchange?
assess the class assignment, pass the grass cutter
Scunthorpe, Penistone and Lightwater are towns
Arsenal won, arsenic is a poison, parse the coarse sparse file
scrap the crappie photo, bloodied but unbowed, darning socks
Hancock, Dickens and Cumming attended
Er aß das Eis, sie saß daneben
Straßenbahn fährt um 8, Maß halten
le pâté est sur la table, à côté
el año pasado fuimos a la peña
вот нос, рот и кот; сор в избе
это не сор, а рука
СССР, НАТО и ООН в учебнике истории
ΝΑΙ, ΟΧΙ, ΙΣΩΣ
привет, hello, 你好, مرحبا, שלום
NATO summit on TV tonight
the UK official statistics are out on Thursday
Top Secret is my favourite spy film
SECRET garden tickets, anyone?
is that a secret or can I tell Bob?
eyes only on the road please
Restricted view seats are cheaper
Classified ads are on page 12
PROTECT your screen with the new foil
Confidential waste goes in the blue bin
The CUI team won the quiz
(c) 2026 Example Ltd, all rights reserved
(R) means registered, (U) is a vitamin
(S) small (M) medium (L) large
tlp is my dentist’s web site
please RSVP asap FYI EOD COB
BREAKING: THE COFFEE MACHINE WORKS
I LOVE THIS TEAM
card game at 4, 111 points to win
pan 4111 is too small, take the 24 cm one
batch 4000 1234 5678 and 9010 1112 1314
meter reading 0123456789 12345
room 12-34-56, code on the board
build 2026.11.22-1400 is out
ISBN 978-3-16-148410-0 is on order
EAN 4006381333931 does not scan
order 12345678901234567890 is a test
pi is 3.14159265358979323846264338327950288
1 000 000 000 000 seconds is a long time
2001-09-11, 2026-11-22T14:00:00Z, 22/11/26
ab12 cd34 ef56 gh78 is the wifi of the cafe
GB 12 is the bus to the station
the postcode is SW1A 2AA, or LS1 4AP
AB1 2CD, EF3 4GH, QQ 12 34 56 C is an example form
ticket numbers 123-45 and 678-90
call 0800 123 456 and then 2
+44 1632 960 983 is the front desk
192.168.0.1 and fe80::1 answer, 10.0.0.300 does not exist
v1.2.3-rc.4+build.5 works
aGVsbG8gd29ybGQ=
SGVsbG8sIGhvdyBhcmUgeW91IHRvZGF5Pw==
68 65 6c 6c 6f 20 77 6f 72 6c 64
0xdeadbeef 0xcafebabe 0x0000ffff
%7B%22hello%22%3A%22world%22%7D
https://www.example.com/search?q=caf%C3%A9+cr%C3%A8me&lang=fr
&lt;b&gt;hello&lt;/b&gt; &amp; bye
\\u0048\\u0065\\u006c\\u006c\\u006f
=48=65=6C=6C=6F
-----BEGIN CERTIFICATE-----
-----BEGIN PUBLIC KEY-----
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbCdEfGhIjKlMnOpQrStUvWxYz01234567890abcdef bob@laptop
eyJub3QiOiJhIHRva2VuIn0
d41d8cd98f00b204e9800998ecf8427e  empty.txt
npm ERR! code ENOENT errno -2 syscall open
java.lang.NullPointerException at com.example.App.main(App.java:42)
SELECT 1; -- ' OR '1'='1
sed -e 's/foo/bar/g' -i *.txt && echo done
int main(void) { return printf("%d%%\\n", 100); }
\`\`\`js console.log("hi") \`\`\`
| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |
x = (-b ± √(b² − 4ac)) / 2a
H₂O, CO₂, 5 × 10⁻³ mol, 20 °C, 10 µm, ½ cup
№ 5, § 12, ¶ 3, † see note, ‡ too, © and ®
①②③ ⅰⅱⅲ ㍿ ㎏ ㏑
ｈｅｌｌｏ　ｗｏｒｌｄ
𝓱𝓮𝓵𝓵𝓸 𝔀𝓸𝓻𝓵𝓭
ʜᴇʟʟᴏ ᴛʜᴇʀᴇ
🇬🇧🇫🇷🇩🇪🇮🇹🇪🇸 final tonight
👨‍👩‍👧‍👦 day out on Sunday 🚗💨🏖️
h e l l o  e v e r y o n e
w-e-e-k-e-n-d at last
yaaaaaay, finallyyyyyy, noooooo waaaay
h3ll0 fr13nd, l33t sp34k is s0 1990s
$$$ saved: $1,299 -> $999 (!!!)
C++ > C#, F# and Objective-C; .NET; node.js
a/b testing, and/or, w/o, n/a, 24/7
~/projects/night/in/gale/force/wind.txt
photos-night_in_2026.jpg
re: re: re: fwd: AW: lunch
sent from my phone, sorry for tpyos
zzz
`
  .trim()
  .split('\n')
  .map((line) => line.replaceAll('\\n', '\n'));
