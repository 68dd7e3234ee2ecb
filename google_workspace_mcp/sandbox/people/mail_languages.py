"""Mail in other scripts and charsets, with the oddities that mail programs write."""

# ruff: noqa: RUF001 - letters that look like Latin ones are what this module is about

from datetime import datetime

from google_workspace_mcp.sandbox.people.mail_cast import ALICE, JONAS, LAYLA, YUKI
from google_workspace_mcp.sandbox.people.mail_letter import (
    Days,
    Letter,
    Part,
    Who,
    alternative,
    arrived,
    attachment,
    message,
    multipart,
    text_part,
)

_ARABIC = (
    "السيدة أليس،\n\nنشكركم على العينات. نرغب في طلب ٢٠٠ مصباح من طراز Arc قبل نهاية الشهر.\n\nمع التحية،\nليلى حداد\n"
)
_JAPANESE = (
    "フェレイラ様\n\nお世話になっております。見積書を添付いたします。\n納期は来月の十日を予定しております。\n\n中村\n"
)
_RUSSIAN = "Здравствуйте, Алиса!\n\nЛампы пришли целыми, спасибо. Одна из них стоит у меня на столе.\n\nИрина\n"
_CHINESE = "您好，\n\n我们想在上海销售您的台灯。请寄给我们目录和价格。\n\n谢谢，王芳\n"
_QUOTES = "Hello Alice,\n\nit’s “almost” done – only 3½ pages left… The rest costs 40 €.\n\nDes O’Connell\n"


def language_letters(days: Days) -> list[Letter]:
    """All of them, for Alice."""
    return [
        _japanese(days),
        _japanese_plain(days),
        _letter(
            alternative(_ARABIC, f'<div dir="rtl">{_ARABIC}</div>'),
            LAYLA,
            "طلب جديد: ٢٠٠ مصباح",
            days.ago(10, 7, 10),
            "order-200",
            "UNREAD",
        ),
        _letter(
            text_part(_RUSSIAN, charset="koi8-r"),
            Who("Ирина", "irina@lampa.example"),
            "Спасибо за лампы",
            days.ago(19, 7, 19),
            "lampa",
        ),
        _letter(
            text_part(_CHINESE, charset="gb18030"),
            Who("王芳", "wang@deng.example"),
            "询价：台灯",
            days.ago(28, 7, 28),
            "deng",
        ),
        _letter(
            text_part(_QUOTES, charset="windows-1252"),
            Who("Des O’Connell", "des@typeset.example"),
            "It’s “almost” done",
            days.ago(16, 7, 16),
            "typeset",
        ),
        _letter(
            text_part("Feierabend! Das Archiv ist umgezogen. 🎉🎉\n"),
            JONAS,
            "🎉 Archiv: fertig für heuer, Grüße",
            days.ago(7, 7, 7),
            "archiv",
        ),
        _html_only(days),
    ]


def _letter(body: Part, sender: Who, subject: str, date: datetime, key: str, *labels: str) -> Letter:
    message_id = f"{key}@{sender.domain}"
    raw = message(body, sender=sender, to=[ALICE], subject=subject, date=date, message_id=message_id)
    placed = arrived(raw, at=date, to=ALICE.address, envelope=sender.address)
    return Letter(placed, date, ("INBOX", "CATEGORY_PERSONAL", *labels))


def _japanese(days: Days) -> Letter:
    estimate = "品名,数量,単価\r\nレンズ,300,150\r\n".encode("shift_jis")
    body = multipart(
        "mixed",
        text_part(_JAPANESE, charset="iso-2022-jp"),
        attachment("見積書（第二版）.csv", "text/csv; charset=Shift_JIS", estimate),
    )
    return _letter(
        body,
        YUKI,
        "お見積りの件について（さくら照明株式会社より）ご確認のお願い",
        days.ago(5, 7, 5),
        "mitsumori",
        "UNREAD",
    )


def _japanese_plain(days: Days) -> Letter:
    return _letter(
        text_part("先日はありがとうございました。\n会議資料は来週お送りします。\n", charset="shift_jis"),
        YUKI,
        "会議資料",
        days.ago(14, 7, 14),
        "shiryou",
    )


def _html_only(days: Days) -> Letter:
    page = (
        "<html><body style='font-family:Calibri'><p class=MsoNormal>Hallo Alice,<o:p></o:p></p><p class=MsoNormal>"
        "die Messe hat die Standnummer geschickt: <b>Halle&nbsp;4, Stand&nbsp;C17</b>.</p><ul>"
        "<li>Aufbau ab Montag, 7&nbsp;Uhr</li>"
        "<li>Strom bis 3&nbsp;kW</li></ul><table border=1><tr><th>Tag</th><th>Wer</th></tr>"
        "<tr><td>Di</td><td>Jonas</td></tr><tr><td>Mi</td><td>Tomás</td></tr></table><p "
        "class=MsoNormal>Gr&uuml;&szlig;e<br>Jonas</p></body></html>"
    )
    return _letter(
        text_part(page, "html", charset="windows-1252"), JONAS, "Messe: Standnummer", days.ago(22, 7, 22), "messe"
    )
