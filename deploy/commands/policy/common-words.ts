// Words that stand in every other message at work, in four languages: none of them may stop one by itself.

/** In the skeleton's form: small letters without accents. */
export const commonWords: ReadonlySet<string> = new Set(
  `the of and to in is it you that he was for on are with as his they be at one have this from or had by hot but some
  what there we can out other were all your when up use word how said an each she which do their time if will way about
  many then them would write like so these her long make thing see him two has look more day could go come did my sound
  no most number who over know water than call first people may down side been now find any new work part take get place
  made live where after back little only round man year came show every good me give our under name very through just
  form much great think say help low line before turn cause same mean differ move right boy old too does tell set three
  want air well also play small end put home read hand port large spell add even land here must big high such follow act
  why ask men change went light kind off need house picture try us again animal point mother world near build self earth
  father head stand own page should country found answer school grow study still learn plant cover food sun four thought
  let keep eye never last door between city tree cross since hard start might story saw far sea draw left late run while
  press close night real life few stop open seem together next white children begin got walk example ease paper often
  always music those both mark book letter until mile river car feet care second group carry took rain eat room friend
  began idea fish mountain north once base hear horse cut sure watch color face wood main enough plain girl usual young
  ready above ever red list though feel talk bird soon body dog family direct pose leave song measure state product
  black short class wind question happen complete ship area half rock order fire south problem piece told knew pass farm
  top whole king size heard best hour better true during hundred am remember step early hold west ground interest reach
  fast five sing listen six table travel less morning ten simple several toward war lay against pattern slow center love
  person money serve appear road map science rule govern pull cold notice voice fall power town fine certain fly unit
  lead cry dark machine note wait plan figure star box noun field rest correct able pound done beauty drive stood
  contain front teach week final gave green oh quick develop ocean warm free minute strong special mind behind clear
  tail produce fact street inch lot nothing course stay wheel full force blue object decide surface deep moon island
  foot yet busy test record boat common gold possible plane age dry wonder laugh thousand ago ran check game shape yes
  hello hi hey thanks thank please sorry okay ok meeting mail email project team report file phone office today tomorrow
  yesterday monday tuesday wednesday thursday friday saturday sunday january february march april june july august
  september october november december budget contract customer client manager server network system update review
  secret private internal draft urgent important status ticket delivery training holiday lunch coffee birthday
  der die das und ist nicht ich wir sie ein eine mit auf fur den dem von haben hat sind auch bitte danke hallo ja nein
  heute morgen gestern besprechung bericht projekt woche montag freitag uhr gut noch schon aber oder wenn kann muss
  le la les et est un une des pour dans que qui pas nous vous avec sur merci bonjour oui non demain projet reunion
  el los las una por para con que es no si gracias hola manana hoy proyecto reunion pero muy todo bien`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
