"""Text as it might come: Arabic in all its blocks, other scripts, separators, marks and rubbish."""

from __future__ import annotations

from hypothesis import strategies as st

ARABIC_TEXT = st.text(
    st.one_of(
        st.characters(min_codepoint=0x0600, max_codepoint=0x06FF),
        st.characters(min_codepoint=0xFB50, max_codepoint=0xFEFF),
        st.characters(),
        st.characters(categories=["Cs", "Cf", "Mn"]),
        st.sampled_from(" \n.,٫٬،؟\"'()-*:_ءاآأإبتةهويىئؤ٠۱2aZé\u200c\u200f\u064b\u0640ﷺ﷽﷼ﻻ"),
    )
)
