// Made by npm run generate from Unicode 17.0; change deploy/generate-content-tables.ts, not this.

/**
 * Runs over all code points from U+0000: the length of the run in base 36, then the kind in capitals.
 * D: shows nothing or is not assigned, left out. Z: white space. M: a mark that only decorates. W: a part of words.
 * L: the same, of a script that is written without spaces. O: anything else.
 */
export const kindRuns = [
  '9D5ZiD1ZfOaW7OqW6OqW4O6D1ZqD1Z9O1W2O1D4O2W1O1W3O2W1O3W1OnW1OvW1OckW1L5W4OcWeO5W7O1W1O1WhO27M1DwM5W1O2W2D4W1O1W4D',
  '2O1W1O3W1D1W1DkW1D2bW1O3vW1O7M4mW1D12W2D1W6O15W2O2D3O1D19M1O1M1O2M1O2M1O1M8DrW4D4W2OhDaObM1O1D3O17WlMaW4O2W1M2rW',
  '1O1W7M1D1O6M2W2M1O4MfW2O1WeO2D1W1MuWrM2D2tWeD1iW4O1W2D1W2O1aW2DfO1DsW2D1O1DbW5DoW1O7W7D9M16WoM1DtM29W4MfW2OaW1Oj',
  'W1D8W2D2W2DmW1D7W1D1W3D4W2D9W2D2W2D4W8D1W4D2W1D5W2DcW2O6W2O1W1O1W2D3W1D6W4D2W2DmW1D7W1D2W1D2W1D2W2D1W1D5W4D2W2D3',
  'W3D1W7D4W1D1W7DgW1OaD3W1D9W1D3W1DmW1D7W1D2W1D5W2DaW1D3W1D3W2D1WfD4W2DaW2O7D7W1D3W1D8W2D2W2DmW1D7W1D2W1D5W2D9W2D2',
  'W2D3W7D3W4D2W1D5W2DaW1O7WaD2W1D6W3D3W1D4W3D2W1D1W1D2W3D2W3D3W3DcW4D5W3D3W1D4W2D1W6D1WeDdW8O5DdW1D3W1DnW1DgW2D9W1',
  'D3W1D4W7D2W1D3W1D2W2D4W2DaW7D1O7W1O4W1O8W1D3W1DnW1DaW1D5W2D9W1D3W1D4W7D2W5D3W1D4W2DaW1D3WcDdW1D3W1D1fW1D3W1D5W1O',
  '4DgW2DjW1O6W1D3W1DiW3DoW1D9W1D1W2D7W3D1W4D6W1D1W1D8W6DaW2D2W1OcD1mL4D1OfL1OaL2O11D2L1D1L1D5L1DoL1D1L1DnL2D5L1D1L',
  '1D7L1DaL2D4LwD1WnO2W6OkW1O1W1O1W1O1W4OaW1D10W4DkW1OiW1D10W1D8O1W6O1DdO11D22L6O26L2O12W1D1W5D1W2D17W1O2rW2D6gW1D4',
  'W2D7W1D1W1D4W2D15W1D4W2DxW1D4W2D7W1D1W1D4W2DfW1D1lW1D4W2D1vW2D3W9OkW3DgWaO6D2eW2D6W2D1Oh8W2OhW1ZqW2O3D23W3ObW7Dm',
  'W9DmW2O9DkWcDdW1D3W1D2WcD1gL2DuL3O1L4O2L2DaL6DaL6DbO5DaW6D2hW7D17W5D1yWaDvW1DcW4DcW4D1O3D2O14W2D5WbD18W4DqW6DbW3',
  'DyOsW2D2O1rW1DtW2DbW6DaW6D7O1W6O2D1aM2DcMkD25W1D2OaWhO9WcO38W8D4O1kW3D5OaW3D1dW2ObW5D17W2D3W8O8D3M1OdM1W7M4W1M6W',
  '1M3W2M1W5D5cW1sM7qW2D6W2D12W2D6W2D8W1D1W1D1W1D1W1DvW2D1hW1D7W1O1W3O3W1D7W3O4W2D6W1D3OdW3O2D3W1D7W2O1DbZ5DoO2Z5D1',
  'Z1bO1ZgD2W2D6W5ObW5O1DdW3DyOeDxMfD2O1W4O1W2OaW1O1W3O5W6O1W1O1W1O1W1O4W1ObW2O4W5O5W4O1W1O1mW2O4DiiOmDbOlD1oW26OmW',
  'hiOuW30O1DojO2D3uO6dW6O9W5D4O1W2O12W1D1W5D1W2D1kW7D1W1OeDoW9D7W1D7W1D7W1D7W1D7W1D7W1D7W1D7W1DwM1bO1W1aOyDqO1D2hO',
  'cD5yOqDgO1Z4O3LpO9L4M2W1O5L2O5L3O1D2eL2D2M2O3L1O2iL1O4L5D17W1D1fW1D16W1D2O4LaOwW12O9D1OgLvO1DaLuO8W1OfWwOaL13OfW',
  '8wO534L1sOg74LwdW3D1jO9D1aW2O7hW3OsWkD1bW4M1OaM1OvW2M2aW6O8DnO9W2O2vW2O2aWkD1jW4O1W3D6W4O6D1gW4O8D1yW8D2OaW6DoW3',
  'O1W1O1dW2O10WbD1OtW3D1tWdO1DbW4D2OvL1D1jW9DeW2DaW2D4OnL3O6L1vWoD3W2OgW2O5WaD6W2D6W2D6W9D7W1D7W1D17W1OeW2O4D3fW1O',
  '2W2DaW6D8mcWcDnW4D1dW6isDa6L2D2yL12D7WcD5W5D1W1MaW1OdW1D5W1D1W1D2W1D2W1D30WxOa3WiO1sW2O1iW8OwDcW4OgDaO6DgMzO1DjO',
  '1D4O4D5W1D3rW2D1Z1DfOaW7OqW6OqWbO1mL1DuW3D6W2D6W2D6W2D3W3D7O1D7OdD2O2DcW1DqW1DjW1D2W1DfW2DeWyD3fW5D3O4D19W3D9O1l',
  'WhO2W3O1DdO3D1O1bD19O1M3mDtW3D1dWfD1MrW4D10W9DuW5D17W5DuW1D1O10W4D8W1O5W16D4eW2DaW6D10W4D10W4D14W8D1gWbD1ObW1DfW',
  '1D7W1D2W1DbW1DfW1D7W1D2W3D1gWcD8nW9DmWaD8WoD6W1D16W1D9W1xD6W2D1W1D18W1D2W3D1W2DnW1D1OvW2O12W8D9W1cDjW1D2W5DxW3D1',
  'OqW5D1OqW12D1kW4DkW2D1eW1D2W5D8W1D3W1DtW2D3W4DaW7D9O7DvW1OwWwD8W1OuW4D5W7O9D1iW3D7OmW2DrW5DqW7D4OcD7W28D21W1jD1f',
  'WdD1fW7D1aW8DaW6D12W3D5W1OnW8D2O5sDvW1D16W1D2W1O2D2WgD6W8D9OxD6M14W8D11W5OmDmW4O12DsWkDnW9D1zW7O4D10W9D1oW2O1D4O',
  '1WdDpW7DaW6D1hW1DaW4O4W8D10W2O1W9D1xW4O4W1OdW1O1W3O1DkWbDiW1D11W6O4W1qD7W1D1W1D4W1DfW1DaW1O6D1nW5DaW6D4W1D8W2D2W',
  '2DmW1D7W1D2W1D5W1D1M9W2D2W2D3W2D1W6D1W5D7W2D7W3D5WbDaW1D1W2D1W1D12W1DaW1D1W2D1W1D4W1D8W2O1D2O8D2WtD23W5OaW2O1D1O',
  '4WuD1yW1O1W8DaW4mD1iW2D9WnO6WyD1tW3O1WbDaW6DdOjD1lW1O6DaW6DkLsDrW2DfW4DcW4O7W55D1nW1O2sD2bWcD8W2D1W2D8W1D2W1DuW1',
  'D2W2D9W3O9DaW1yD8W2D1aW2D8W1O2WrD1rW8O1W8D22W3O1W5OdD21W7DaO2eD8W2gDxW1OeDaW6D9W1D19W1D9W5OaDtW3D2OuW2DmW1DeW21D',
  '7W1D2W1D18W3D1W1D2W1D9W8DaW6D6W1D2W1D11W1D2W1D6W7DaW6D18W4DaW6uDnW2O7DhW1D15W3D5WdObW2dD1WfDlWtOdD1OpmW2uD33W1D5',
  'ObD5gW218D2pW2OdDtsWgDmWaD32zW5Dg7W5a1D1mW1c6DftW7DvW1DaW4D2O27W1DaW6DuW2D5W1OaD1jW9O4W2OaDaW1D7W1DlW5DjWc0D19W3',
  'OaW5iD2fW4O5DpW2DpW18D23W4D1lW7DhW1sD2W1O1L1WbD7L9D5p2W15DwW2pD37W6ppD4L1D7L1D2L1D83LfD1LtD3L2D1LeD4L8Db0W1s4D2z',
  'W5DdW3D9W7DaW2D1O2W1O31cD6oOaW3O3Dc4O6DnOfDhOfD1aM2DnM9D38O1oD6uOaD13O2D1oO2W3M3O6W8D8M2O7MuO4M1pOlD1uO3M1O3eDkW',
  'cDkWcD2fO9DiL7W3rD2dW1D1zW1D2W2D1W2D2W2D4W1DcW1D1W1D7W1D1tW1D4W2D8W1D7W1DsW1D4W1D5W1D1W3D7W1D9gW2DpW1OpW1OvW1OpW',
  '1OvW1OpW1OvW1OpW1OvW1OpW1O8W2D1eWe8O1jW4O1eW8O1WeO1W7OfD5W1DfWuoDvW6D6W5xD7W1DhW2D7W1D2W1D5W5D1qWxD1M34D19W3DeW2',
  'DaW4D1W1O8wDvWhD1mW5D1OcwD16W5yD17W4D1O5cDvW1DmW8D2W68D7W1D4W1D2W1DfW1D5hW2DgW15D24W4DaW4D2OltD1nW1O3W1O4W24D19W',
  '1OfW5eD4W1DrW1D2W1D1W2D1W1DaW1D4W1D1W1D1W6D1W4D1W1D1W1D1W1D3W1D2W1D1W2D1W1D1W1D1W1D1W1D1W1D2W1D1W2D4W1D7W1D4W1D4',
  'W1D1W1DaW1DhW5D3W1D5W1DhW1gD2O7iD18O4D2sOcDfO2DfO1DfO1D11OaDdW4hO1kDtOdD18O4D9O7D2OeD6O4aDrdO3DhO3DdO3D62O6DcO4D',
  '1OfDcO4D1kO8DaO6D14O8DuO2DcO4D2OeD9O13D9kO8DeO2DdO3DbO3D1lO1D1O4DgO2DcO4DaO7D43O1D2kOaW1OslDwyoLwD3dqL2D4geL2D5r',
  'lLfDhaL1wiDf2L15uD3t7L5D6juLjdl2D',
].join('');

/** Letter or digit → the code points, in base 36, that look like it and that compatibility decomposition leaves alone. */
export const lookAlikes: Readonly<Record<string, string>> = {
  '0': [
    '19c 1dc 1j4 1uu 1ye 21y 25i 292 2cm 2g6 2jq 2na 2qu 2ts 2xc 2zk 37k 39s 4ps 4r4 4zq 53k 58g 58w 5e8 5gw 5kw 5lc ',
    'wtc xcg xds xjk xkg xn4 xyo 1fhc 1h68 1h6o 1ht2 1hww 1hyu 1i34 1ib4 1ikw 1iog 1iz4 1j28 1j2o 1j2y 1j5c 1jhc 1jkg',
    ' 1k34 1k5s 1kcw 1kf4 1kgw 1kr4 1xrk 1zkw 1znk 1zrk 206o 2n28 2ne8 2nsg 2nzl 2onk',
  ].join(''),
  '1': [
    '19d 1dd 1j5 1uv 1yf 21z 25j 293 2cn 2g7 2jr 2nb 2qv 2tt 2xd 2zl 37l 39t 4pt 4r5 4zr 53l 58h 58x 5e9 5gx 5kx 5ld ',
    'wtd xch xdt xjl xkh xn5 xyp 1fhd 1h69 1h6p 1ht3 1hwx 1hyv 1i35 1ib5 1ikx 1ioh 1iz5 1j29 1j2p 1j2z 1j5d 1jhd 1jkh',
    ' 1k35 1k5t 1kcx 1kf5 1kgx 1kr5 1xrl 1zkx 1znl 1zrl 206p 2n29 2ne9 2nsh 2nzm 2onl',
  ].join(''),
  '2': [
    '19e 1de 1j6 1uw 1yg 220 25k 294 2co 2g8 2js 2nc 2qw 2tu 2xe 2zm 37m 39u 4pu 4r6 4zs 53m 58i 58y 5ea 5gy 5ky 5le ',
    'wte xci xdu xjm xki xn6 xyq 1fhe 1h6a 1h6q 1ht4 1hwy 1hyw 1i36 1ib6 1iky 1ioi 1iz6 1j2a 1j2q 1j30 1j5e 1jhe 1jki',
    ' 1k36 1k5u 1kcy 1kf6 1kgy 1kr6 1xrm 1zky 1znm 1zrm 206q 2n2a 2nea 2nsi 2nzn 2onm',
  ].join(''),
  '3': [
    '19f 1df 1j7 1ux 1yh 221 25l 295 2cp 2g9 2jt 2nd 2qx 2tv 2xf 2zn 37n 39v 4pv 4r7 4zt 53n 58j 58z 5eb 5gz 5kz 5lf ',
    'wtf xcj xdv xjn xkj xn7 xyr 1fhf 1h6b 1h6r 1ht5 1hwz 1hyx 1i37 1ib7 1ikz 1ioj 1iz7 1j2b 1j2r 1j31 1j5f 1jhf 1jkj',
    ' 1k37 1k5v 1kcz 1kf7 1kgz 1kr7 1xrn 1zkz 1znn 1zrn 206r 2n2b 2neb 2nsj 2nzo 2onn',
  ].join(''),
  '4': [
    '19g 1dg 1j8 1uy 1yi 222 25m 296 2cq 2ga 2ju 2ne 2qy 2tw 2xg 2zo 37o 39w 4pw 4r8 4zu 53o 58k 590 5ec 5h0 5l0 5lg ',
    'wtg xck xdw xjo xkk xn8 xys 1fhg 1h6c 1h6s 1ht6 1hx0 1hyy 1i38 1ib8 1il0 1iok 1iz8 1j2c 1j2s 1j32 1j5g 1jhg 1jkk',
    ' 1k38 1k5w 1kd0 1kf8 1kh0 1kr8 1xro 1zl0 1zno 1zro 206s 2n2c 2nec 2nsk 2nzp 2ono',
  ].join(''),
  '5': [
    '19h 1dh 1j9 1uz 1yj 223 25n 297 2cr 2gb 2jv 2nf 2qz 2tx 2xh 2zp 37p 39x 4px 4r9 4zv 53p 58l 591 5ed 5h1 5l1 5lh ',
    'wth xcl xdx xjp xkl xn9 xyt 1fhh 1h6d 1h6t 1ht7 1hx1 1hyz 1i39 1ib9 1il1 1iol 1iz9 1j2d 1j2t 1j33 1j5h 1jhh 1jkl',
    ' 1k39 1k5x 1kd1 1kf9 1kh1 1kr9 1xrp 1zl1 1znp 1zrp 206t 2n2d 2ned 2nsl 2nzq 2onp',
  ].join(''),
  '6': [
    '19i 1di 1ja 1v0 1yk 224 25o 298 2cs 2gc 2jw 2ng 2r0 2ty 2xi 2zq 37q 39y 4py 4ra 4zw 53q 58m 592 5ee 5h2 5l2 5li ',
    'wti xcm xdy xjq xkm xna xyu 1fhi 1h6e 1h6u 1ht8 1hx2 1hz0 1i3a 1iba 1il2 1iom 1iza 1j2e 1j2u 1j34 1j5i 1jhi 1jkm',
    ' 1k3a 1k5y 1kd2 1kfa 1kh2 1kra 1xrq 1zl2 1znq 1zrq 206u 2n2e 2nee 2nsm 2nzr 2onq',
  ].join(''),
  '7': [
    '19j 1dj 1jb 1v1 1yl 225 25p 299 2ct 2gd 2jx 2nh 2r1 2tz 2xj 2zr 37r 39z 4pz 4rb 4zx 53r 58n 593 5ef 5h3 5l3 5lj ',
    'wtj xcn xdz xjr xkn xnb xyv 1fhj 1h6f 1h6v 1ht9 1hx3 1hz1 1i3b 1ibb 1il3 1ion 1izb 1j2f 1j2v 1j35 1j5j 1jhj 1jkn',
    ' 1k3b 1k5z 1kd3 1kfb 1kh3 1krb 1xrr 1zl3 1znr 1zrr 206v 2n2f 2nef 2nsn 2nzs 2onr',
  ].join(''),
  '8': [
    '19k 1dk 1jc 1v2 1ym 226 25q 29a 2cu 2ge 2jy 2ni 2r2 2u0 2xk 2zs 37s 3a0 4q0 4rc 4zy 53s 58o 594 5eg 5h4 5l4 5lk ',
    'wtk xco xe0 xjs xko xnc xyw 1fhk 1h6g 1h6w 1hta 1hx4 1hz2 1i3c 1ibc 1il4 1ioo 1izc 1j2g 1j2w 1j36 1j5k 1jhk 1jko',
    ' 1k3c 1k60 1kd4 1kfc 1kh4 1krc 1xrs 1zl4 1zns 1zrs 206w 2n2g 2neg 2nso 2nzt 2ons',
  ].join(''),
  '9': [
    '19l 1dl 1jd 1v3 1yn 227 25r 29b 2cv 2gf 2jz 2nj 2r3 2u1 2xl 2zt 37t 3a1 4q1 4rd 4zz 53t 58p 595 5eh 5h5 5l5 5ll ',
    'wtl xcp xe1 xjt xkp xnd xyx 1fhl 1h6h 1h6x 1htb 1hx5 1hz3 1i3d 1ibd 1il5 1iop 1izd 1j2h 1j2x 1j37 1j5l 1jhl 1jkp',
    ' 1k3d 1k61 1kd5 1kfd 1kh5 1krd 1xrt 1zl5 1znt 1zrt 206x 2n2h 2neh 2nsp 2nzu 2ont',
  ].join(''),
  a: 'fu gg gh q9 qj ts yh 3vu 4at 5q8 5s4 5u7 61m 6ps 6py 78c 8rp 8rz 8sh wku wuv xve 1f34 1f5s 2q6o 2q8g 2q9c 2qcm',
  ae: '6e yd xtd',
  b: [
    'ao ap aq ar g3 gj gu ih qa tu ui uk v6 v7 2tb 3xw 3y4 4c7 5qb 5rj 5t8 5ts 78d 8sj wk0 x3q x3r 1f2a 1g1w 1g1x 2q6',
    'p 2q8h 2q9d 2qcn',
  ].join(''),
  c: [
    '4i 4p av aw fv fw gl qq u9 w1 x7 3xb 5qc 5ul 6mc 6pt 78e 8th wka x1a x1b x3m x3n x3o x50 xwv 1f36 1fdh 1fel 2mn1',
    ' 2q6q 2q8i 2q9e 2qco',
  ].join(''),
  d: [
    '7k 7l ay az b0 cl du f5 gm gn zl zn 12i 3vk 4bi 5qd 5t9 5tt 5u9 6pu 78f 8sn wk3 x2x x2y x53 x54 xv4 1g23 1g24 1g',
    '25 2mn9 2q6r 2q8j 2q9f 2qcp',
  ].join(''),
  e: [
    'b2 b4 d9 g6 g7 go gr gs gt qd tx ul us xp xr 101 3vw 5qf 5qg 5rm 5sb 5sc 5ua 5ub 5uc 5un 6jy 6pv 78g 8s8 8sb 8sp',
    ' wkw x4b xtf xtg xvg 1g26 2q6s 2q8k 2q9g 2qcq',
  ].join(''),
  f: 'b5 b6 gv hv rh wj 138 4ac 5ta 5tu 5up 78h wkd x0w x2z x30 x3s x3t 1f2f 2q6t 2q8l 2q9h 2qcr',
  g: [
    'b7 dg dh gw gx gy ij zx 135 3wg 3xv 3y3 5tj 5tl 5tv 5uq 6gi 78i wk6 x31 x32 x33 x40 x41 x4c xti xw0 1g2a 1g2b 1g',
    '2c 2mm9 2mma 2q6u 2q8m 2q9i 2qcs',
  ].join(''),
  h: [
    '86 87 h1 h2 ik j2 j3 j5 u5 uq uz wz x1 xn y0 zv 10n 12o 3wb 48s 5ur 78j 8rr 8rs 8sv wkn x3h x3p x4a x6g xvv 1g2d',
    ' 1g2e 2q6v 2q8n 2q9j 2qct',
  ].join(''),
  i: '4h 8h bb h4 h5 h6 qh uu y7 3vp 5qh 5se 5ue 5us 5uu 5uv 78k 8sz 8y7 wky wuf x4e xv9 2mmy 2q6w 2q8o 2q9k 2qcu',
  j: 'fr g8 g9 hw il s3 uw 3vv 5qi 5uw 78l wk9 x4i xvf 1g2g 2q6x 2q8p 2q9l 2qcv',
  k: [
    'bc bd im qi u2 wr wt wv xw 10f 3xi 5qj 5tw 6gd 78m 8rt 8ru 8t1 wk7 x1c x1d x1e x1f x1g x1h x42 x43 x4g xx2 2mmb ',
    '2mmo 2q6y 2q8q 2q9m 2qcw',
  ].join(''),
  l: [
    '8v 8w 8x 8y be cg co fo fx h7 h8 h9 hx in 14w 3xa 42y 5qk 5tx 5ux 5uy 5uz 6qr 78n 8rk 8rl 8rm 8y9 wkh x1k x1l x3',
    '4 x35 x3i x4d xtj xtk xtl xul xum xwu 1fdn 1fer 1g2j 1g2k 1g2l 2mmc 2mmp 2mmr 2mna 2q6z 2q8r 2q9n 2qcx',
  ].join(''),
  m: 'hd sb u4 y6 3w7 4c0 5ql 5tb 5ty 5v0 6g5 78o 8ry 8t5 wkf xtm xvr 2q70 2q8s 2q9o 2qcy',
  n: [
    'bh bi cr f4 fp he hf hg qf u7 y2 12w 130 5qm 5rv 5tc 5tz 5v2 5v3 5v4 78p 8t7 wkg x3k x3l x44 x45 xtn 2mnb 2q71 2',
    'q8t 2q9p 2qcz',
  ].join(''),
  o: [
    '60 6w au bj e6 e7 gk hh ig qg qn qr u6 vn yx 139 15t 36l 3we 5qn 5qo 5qp 5qq 5qr 5sj 5uf 5v5 6px 6u1 78q 7gr 7gv',
    ' 7hr 7my 8k5 8sa 8tb wkz x1m x1n x1o x1p xtr xvy 1g2q 2mmz 2q72 2q8u 2q9q 2qd0',
  ].join(''),
  oe: '9f',
  p: [
    'bo bp cf qp u8 wf 3xe 5qw 5td 5tp 5u0 6gh 78r 8rn 8tf wk1 x1s x1t x1u x1v x1w x1x xwy 1f2t 2q73 2q8v 2q9r 2qa2 2',
    'qd1',
  ].join(''),
  q: 'ga gb io rd 10b 12b 12e 78s x1y x1z x20 x21 x4f 2q74 2q8w 2q9s 2qd2',
  r: [
    '4u gc gd hl hm hn ho hp hq hr hs ht j8 j9 ja tv un 3vl 3wy 493 5qx 5qy 5ra 5te 5tf 5u1 6gp 78t 8ro 8s9 wkj x36 x',
    '37 x46 x47 xty xu1 xu3 xu4 xuw xv5 xwi 1g2u 1g2v 1g2w 1g2x 1g2y 2mmg 2mmt 2mmu 2mnc 2q75 2q8x 2q9t 2qd3',
  ].join(''),
  s: [
    '4n fz hu ut 133 3x6 5tg 5u2 5v7 78u 8se 8sr wki x0x x38 x39 x48 x49 x51 x55 x56 x58 x59 xwq 1f2u 1g3e 2mn2 2mnd ',
    '2q76 2q8y 2q9u 2qd4',
  ].join(''),
  t: [
    '9y 9z bv bw bx by fq fy hz i0 qs ua x9 3vm 5qz 5th 5v9 6cg 6ge 78v 8rq 8tj wk4 x3a x3b x4h xv6 1f2v 1g33 2mmh 2m',
    'ml 2mne 2q77 2q8z 2q9v 2qd5',
  ].join(''),
  th: '72',
  u: 'i3 qk qt 131 40c 5r0 5r1 5sp 5uh 5vc 6qy 78w 8yp wl0 x4o x4p xu6 xua xun 2q78 2q90 2q9w 2qd6',
  v: 'c2 g5 i4 ql vp 3x5 3zj 5r4 5u4 5vd 5ve 6qw 6v5 78x 8s1 8s4 wkm x26 x27 xwp 1g34 2q79 2q91 2q9x 2qd7',
  w: 'bg hb hc i5 qx ug uh v5 10d 129 3w3 5r3 5r5 5sq 5v1 6g9 78y 8s2 8s3 8tt wkq x6i xux xvn 2q7a 2q92 2q9y 2qd8',
  x: '5z qv ud xf 5u5 78z 7eb 7px 7py 7rg 7ri 8bz 8tp wkr xue xuf xug xuh 2q7b 2q93 2q9z 2qd9',
  y: '4l c3 c4 ge gf i6 i7 qb ub xb xd 3c7 64e 64f 790 8tl wks xui 1g2o 1g2p 1g36 2mme 2q7c 2q94 2qa0 2qda',
  z: 'c5 c6 f8 f9 g0 i8 i9 ia qe 3wj 4d0 5r6 5ti 5u6 5vg 5vh 791 8rv 8rw 8sf 8st wkc x52 xw3 2q7d 2q95 2qa1 2qdb',
};
