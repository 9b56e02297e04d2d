"""Addresses of access reviews."""

from django.urls import URLPattern, path

from privacy.access.views import my_reviews, review_steps, reviews

urlpatterns: list[URLPattern] = [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/prepare/", reviews.prepare_review, name="prepare_review"),
    path("reviews/mine/", my_reviews.my_reviews, name="my_reviews"),
    path("reviews/mine/many/", my_reviews.answer_many, name="answer_many"),
    path("reviews/mine/<int:pk>/", my_reviews.review_row, name="review_row"),
    path("reviews/mine/<int:pk>/answer/", my_reviews.answer_review, name="answer_review"),
    path("reviews/mine/<int:pk>/undo/", my_reviews.undo_answer, name="undo_answer"),
    path("reviews/mine/<int:pk>/hand-on/", my_reviews.hand_on_decision, name="hand_on_decision"),
    path("reviews/items/<int:pk>/", reviews.review_item, name="review_item"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/launch/", review_steps.launch_review, name="launch_review"),
    path("reviews/<int:pk>/cancel/", review_steps.cancel_review, name="cancel_review"),
    path("reviews/<int:pk>/sign-off/", review_steps.sign_off_review, name="sign_off_review"),
    path("reviews/<int:pk>/hand-on/<int:reviewer>/", review_steps.hand_on_reviewer, name="hand_on_reviewer"),
    path("reviews/<int:pk>/items.csv", reviews.export_review, name="export_review"),
]
