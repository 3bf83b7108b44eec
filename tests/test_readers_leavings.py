"""What sites leave at the end of a text goes; what a writer ends a text with stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.readers.leavings import without_leavings

TEXT = "قال الوزير إن العمل جار.\n\nوأضاف أن الأمر يتطلب مزيدا من العمل."


@pytest.mark.parametrize(
    "line",
    [
        "Source link",
        "اترك رد",
        "اترك ردّاً",
        "أترك رداً",
        "اترك تعليقاً إلغاء الرد",
        "لن يتم نشر عنوان بريدك الإلكتروني.",
        "لن يتم نشر عنوان بريدك الالكتروني",
        "لن يتم نشر عنوان بريدك الإلكتروني. الحقول الإلزامية مشار إليها بـ *",
        "الحقول الإلزامية مشار إليها بـ *",
        "احفظ اسمي، بريدي الإلكتروني، والموقع الإلكتروني في هذا المتصفح لاستخدامها المرة المقبلة في تعليقي.",
        "التعليق *",
        "الاسم *",
        "شارك هذا الموضوع:",
        "مشاركة",
        "شارك الخبر على فيسبوك",
        "اضغط للمشاركة على فيسبوك (فتح في نافذة جديدة)",
        "انقر للمشاركة على تويتر (فتح في نافذة جديدة)",
        "معجب بهذه:",
        "إعجاب تحميل...",
        "اقرأ أيضا",
        "إقرأ أيضاً:",
        "اقرأ المزيد",
        "مواضيع ذات صلة",
        "تابعنا على فيسبوك",
        "جميع الحقوق محفوظة © 2016",
        "ليست هناك تعليقات:",
        "إرسال تعليق",
        "الصفحة الرئيسية",
        "٣٢١ قراءة",
        "Leave a Reply",
        "LEAVE A COMMENT",
        "Leave a Reply Cancel reply",
        "Your email address will not be published. Required fields are marked *",
        "Save my name, email, and website in this browser for the next time I comment.",
        "Share this:",
        "Click to share on Twitter (Opens in new window)",
        "Like Loading…",
        "« Previous Post",
        "Add new comment",
        "Log in or register to post comments",
        "Subscribe to: Post Comments (Atom)",
        "Laisser un commentaire",
        "Votre adresse e-mail ne sera pas publiée. Les champs obligatoires sont indiqués avec *",
        "Partager sur Facebook",
        "Cliquez pour partager sur Twitter(ouvre dans une nouvelle fenêtre)",
        "J’aime ceci :",
        "À lire aussi :",
        "Tous droits réservés",
    ],
)
def test_leavings_go(line: str) -> None:
    assert without_leavings(f"{TEXT}\n{line}") == (TEXT, 1)
    assert without_leavings(f"{TEXT}\n\n \n{line}\n\n{line}\n\n") == (TEXT, 2)


@pytest.mark.parametrize(
    "line",
    [
        "المصدر: وكالات",
        "المصدر: الجزيرة + وكالات",
        "اترك رد الفعل لهم، قال الوزير.",
        "وقال: اترك رد",
        "شارك في الاجتماع وزير الخارجية.",
        "شارك الخبر الأول في إثارة الأزمة",
        "تابعنا على مدى الأسبوع الماضي ما جرى في حلب.",
        "سجل في قائمة الهدافين عشرين هدفا.",
        "يجب تسجيل الدخول في السجل المدني قبل نهاية العام.",
        "اقرأ أيضا ما كتبه الوزير",
        "حمل تطبيق القانون مفاجآت كثيرة.",
        "Share with the poor.",
        "Read more books.",
        "(أ ف ب)",
        "رويترز",
    ],
)
def test_what_a_writer_wrote_stays(line: str) -> None:
    text = f"{TEXT}\n{line}"
    assert without_leavings(text) == (text, 0)


def test_only_the_end_is_cut() -> None:
    text = f"عنوان\nمشاركة\nSource link\n{TEXT}"
    assert without_leavings(text) == (text, 0)


def test_a_text_of_nothing_else_is_left_whole() -> None:
    text = "اترك رد\n\nSource link\n"
    assert without_leavings(text) == (text, 0)


def test_lines_without_letters_are_no_reason_to_cut() -> None:
    for text in (f"{TEXT}\n\n* * *\n", f"{TEXT}\n\n", ""):
        assert without_leavings(text) == (text, 0)


def test_icons_do_not_hide_a_button() -> None:
    assert without_leavings(f"{TEXT}\n🔗 Source link ➤\n") == (TEXT, 1)


@given(st.text())
def test_any_text_keeps_its_beginning(text: str) -> None:
    kept, removed = without_leavings(text)
    assert text.startswith(kept)
    assert (kept == text) == (removed == 0)
    assert kept.strip() or not text.strip()
