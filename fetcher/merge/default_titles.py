"""Lists the titles that site generators give to boxes without one, in the languages that they are translated to."""

from functools import cache

from fetcher.page.words import letters_of

# By kind, from the translations of Sphinx, Docutils and Docusaurus; `_` is a space.
_TITLES = {
    "attention": """
        aandag achtung adi atenció atención atentu atenção atenție athugið attentie attenzione chú_ý dikkat dėmesio
        figyelem giv_agt huom huomio let_op obs observera pehatian pozor sylw tähelepanu uwaga uzmanību vær_opmærksom
        vëmendje výstraha προσοχή внимание пажња увага תשומת_לב تنبيه توجه دقت ध्यानाकर्षण सावधानी দৃষ্টি_আকর্ষণ
        ყურადღება 注意 注目 주의 집중
    """,
    "caution": """
        advarsel advertencia akta atsargiai attention attenzione avertisment avertissement aðgát cautela compte cuidado
        cảnh_báo cẩn_thận duýduryş ettevaatust figyelem forsigtig forsiktig försiktighet gofal hati-hati hoiatus kontuz
        kujdes let_op opatrne opatrně ostrożnie ostrzeżenie pas_op pas_på pažnja piesardzību pozor precaución previdno
        prudence prudencia upozornenie upozornění uwaga uyarı uzmanies varning varo varoitus varúð vorsicht waspada
        wees_versigtig zorgu προσοχή внимание застереження обережно осторожно предупреждение זהירות احتياط احتیاط توجه
        حذر ملاحظه चेतावनी होसियार সতর্কীকরণ გაფრთხილება ფრთხილად 小心 注意 警告 警示 조심 주의
    """,
    "danger": """
        nebezpečenstvo arriskua bahaya bīstami cảnh_báo danĝero fara fare gefahr gevaar howp hætta nebezpečné nebezpečí
        nevarno nevarnost nguy_hiểm niebezpieczeństwo oht opasnost pavojinga peligro pericol pericolo perigo perill
        perygl risk rrezik tehlike vaara veszély ważne κίνδυνος небезпека небезпечно опасно опасност осторожно סכנה
        اخطار خطر خطرہ खतरा বিপজ্জনক საფრთხე საშიშია 危险 危険 危險 위험
    """,
    "error": """
        błąd chyba eraro eroare erreur erro errore errorea fehler feil fejl fel fout gabim greška gwall hata hiba
        kesalahan klaida kļūda lỗi napaka sachoj viga villa virhe σφάλμα грешка ошибка помилка שגיאה خطأ خطا गलती
        ভুল දෝෂය შეცდომა エラー 錯誤 错误 오류
    """,
    "hint": """
        argibidea awgrym consejo consello dica fif gợi_ý hinweis ieteikums indication i̇pucu ledtråd mājiens nasvet
        ndihmëz patarimas petunjuk podpowiedź rada savjet spuro sugerencia sugestie sugestão suggeriment suggerimento
        suxestión tipp užuomina vihje vink wenk wskazówka ábending συμβουλή подсказка порада путоказ підказка совет רמז
        تلميح راهنما راهنمایی संकेत सङ्केत আভাস හැඟවීම მინიშნება რჩევა ヒント 提示 실마리 힌트
    """,
    "important": """
        belangrijk belangrik dôležité důležité e_rëndësishme fontos garrantzitsua grava importante mikilvægt penting
        pomembno pwysig quan_trọng svarbu svarīgi tähtis tärkeä tärkeää važno vigtigt viktig viktigt ważne wichtig
        önemli σημαντικό важливо важно חשוב مهم जरुरी महत्त्वपूर्ण গুরুত্বপূর্ণ მნიშვნელოვანი მნიშვნელოვანია 重要 중요 중요한
    """,
    "info": """
        bilgi informacija información informacja informazioni informação információ maglumat thông_tin upplýsingar
        информация к_сведению інформація اطلاع معلومات 信息 備考 資訊 정보
    """,
    "note": """
        anteckning athugasemd bellik bemerkung bemærk catatan ghi_chú hinweis huomautus informacja megjegyzés merknad
        muista märkus napomena nodyn not nota notatka notera notitie noto notă observação oharra opmerking opomba
        pastaba piezīme poznámka przypis remarque shënim teade σημείωση бележка белешка примечание примітка הערה توجه
        ملاحظة نوٹ یادداشت टिप्पणी নোট සටහන ნოტი შენიშვნა 備考 備註 备注 注解 注記 注釈 註釋 노트 비고 참고
    """,
    "seealso": """
        ayrıca_bakınız gweler_hefyd ikusi_baita_ere katso_myös lihat_juga lásd_még poglej_tudi se_også se_även
        shihni_edhe siehe_auch sjá_einnig skat.arī taip_pat_žiūrėkite tatz'u_chuqa' vaata_ka vedi_anche vegeu_també
        veja_também ver_también ver_também ver_tamén vezi_și viz_také viď_aj više_informacija voir_aussi xem_thêm
        zie_ook zobacz_także δείτε_επίσης дивись_також см._также ראה_גם شاهد_أيضا همچنین_ملاحظه_نمائید पनि_हेर्नुहोस
        यह_भी_देखिए আরও_দেখুন මෙයද_බලන්න ასევე_იხილეთ 参考 参见 請參閱 더_보기
    """,
    "tip": """
        astuce awgrym consejo consell consiglio dica helpeto ipucu iradokizuna javaslat maslahat mẹo namig nasvet
        ndihmëz neuvo nõuanne padoms patarimas rada savjet sfat suggerimento suxestión tanács tipp tips truc truco tüyo
        vihje wskazówka ábending πρακτική_συμβουλή подсказка порада підказка савет совет съвет טיפ تلميح نصيحة نکته ٹپ
        सलाह পরামর্শ მინიშნება რჩევა ヒント 小技巧 小訣竅 技巧 提示 秘訣 通報 팁
    """,
    "warning": """
        advarsel advertencia atenționare attention avertissement averto avis aviso avvertenza avvertimento avís aðvörun
        brīdinājums cảnh_báo duýduryş figyelem hoiatus kontuz opozorilo ostrzeżenie peringatan rhybudd sinjalizim
        upozorenje uyarı varning varoitus varovanie varování vigyázat waarschuwing waarskuwing warnung įspėjimas
        προειδοποίηση внимание попередження предупреждение упозорење אזהרה اخطار انتباہ تحذير هشدار चेतावनी साबधान
        সতর্কতা අනතුරු_ඇඟවීම გაფრთხილება ყურადღება 注意 警告 경고
    """,
}


@cache
def default_titles(kind: str) -> frozenset[str]:
    """The letters of the titles of a kind of box, `warning`, in any language but English."""
    return frozenset(letters_of(title).casefold() for title in _TITLES.get(kind, "").split())
