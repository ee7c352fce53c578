from dataclasses import fields

from studio.training import setting_help
from studio.training.config import TrainConfig


def test_every_setting_has_a_name_and_a_line_of_help_in_its_order():
    assert list(setting_help.HELP) == [field.name for field in fields(TrainConfig)]
    for words in setting_help.HELP.values():
        assert words.label and 10 < len(words.help) < 100 and words.help.endswith(".")


def test_the_settings_that_matter_are_few_and_the_rest_is_folded_into_a_group():
    assert set(setting_help.MATTER) == {"trigger_word", "rank", "learning_rate", "max_train_steps"}
    assert {words.group for words in setting_help.HELP.values()} == {"", *setting_help.GROUPS}
