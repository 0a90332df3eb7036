"""What a person who reviews a clause should look at: its closest call."""

from __future__ import annotations

import numpy as np

from qclassify.deciding import distances
from qclassify.records import Prediction
from qclassify.rendering.model_facts import ModelFacts
from qclassify.rendering.wording import Language, percent, short_name, words


def doubt(prediction: Prediction, model: ModelFacts, language: Language) -> str:
    """The category that is nearest to going the other way; of exclusive categories the first two.

    That is what made `deciding.confidence` so low that the clause is marked.
    """
    phrases = words(language)
    scores, taxonomy = prediction.scores, model.taxonomy
    if taxonomy.exclusive:
        first, second = sorted(taxonomy.ids, key=lambda category: -scores[category])[:2]
        return phrases["close_second"].format(
            category=short_name(taxonomy[first], language),
            probability=percent(scores[first], 1),
            second=short_name(taxonomy[second], language),
            second_probability=percent(scores[second], 1),
        )
    probability = np.array([[scores[category] for category in taxonomy.ids]])
    thresholds = np.array(model.thresholds, dtype=float)
    closest = int(distances(probability, thresholds).argmin())
    return phrases["closest_call"].format(
        category=short_name(taxonomy.categories[closest], language),
        probability=percent(probability[0, closest], 1),
        threshold=percent(thresholds[closest], 1),
    )
