if [ $1 = x ]; then
  echo `date`
fi
